/* Where a person is in a paced-breathing exercise. Pure: views/breathing.js draws it, the test walks through it. */

/** At `elapsedS` of a pacing: `{phase, index, secondsLeft, totalLeft, done}`. Phases repeat until `total_s` is over. */
export function breathAt(pacing, elapsedS) {
  const cycleS = pacing.phases.reduce((sum, phase) => sum + phase.seconds, 0);
  const totalLeft = Math.max(0, Math.ceil(pacing.total_s - elapsedS));
  if (totalLeft === 0 || cycleS <= 0) return { phase: null, index: -1, secondsLeft: 0, totalLeft: 0, done: true };
  let within = elapsedS % cycleS;
  const cycle = Math.floor(elapsedS / cycleS);
  for (const [index, phase] of pacing.phases.entries()) {
    if (within < phase.seconds) {
      const secondsLeft = Math.ceil(phase.seconds - within);
      return { phase, index: cycle * pacing.phases.length + index, secondsLeft, totalLeft, done: false };
    }
    within -= phase.seconds;
  }
  throw new Error("a moment lies in no phase");
}
