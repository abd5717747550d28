import assert from "node:assert/strict";
import { test } from "node:test";
import { breathAt } from "../js/breath.js";

const PACING = { phases: [{ name: "in", seconds: 4 }, { name: "out", seconds: 6 }], total_s: 120 };

test("the phases follow one another and count down", () => {
  assert.deepEqual(breathAt(PACING, 0), { phase: PACING.phases[0], index: 0, secondsLeft: 4, totalLeft: 120, done: false });
  assert.equal(breathAt(PACING, 3.9).secondsLeft, 1);
  assert.equal(breathAt(PACING, 4).phase.name, "out");
  assert.equal(breathAt(PACING, 10).index, 2);
});

test("it is over after its time", () => {
  assert.equal(breathAt(PACING, 119.9).done, false);
  assert.equal(breathAt(PACING, 120).done, true);
});

test("every moment of two minutes lies in one phase, in order", () => {
  let index = 0;
  for (let tenths = 0; tenths < 1200; tenths += 1) {
    const moment = breathAt(PACING, tenths / 10);
    assert.ok(moment.index === index || moment.index === index + 1);
    index = moment.index;
  }
  assert.equal(index, 23);
});
