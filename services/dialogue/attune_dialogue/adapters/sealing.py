"""AES-256-GCM sealing of everything that a session stores. Used by the session store and the event log.

A sealed blob is `version | key id length | key id | nonce (12) | ciphertext and tag`. Purpose and session id are the
associated data, so that a blob moved to another session or another place does not open.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
FORMAT = 1


class SealBroken(Exception):
    """A blob that no key opens: wrong session, wrong place, lost key or changed bytes."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """A key and the id that the header of its blobs names."""

    kid: str
    key: bytes

    def seal(self, associated: bytes, plain: bytes) -> bytes:
        """Encrypts under a fresh random nonce."""
        nonce, kid = secrets.token_bytes(NONCE_BYTES), self.kid.encode()
        return bytes((FORMAT, len(kid))) + kid + nonce + AESGCM(self.key).encrypt(nonce, plain, associated)

    def open(self, associated: bytes, blob: bytes) -> bytes:
        """Decrypts a blob of this key. Raises SealBroken."""
        if kid_of(blob) != self.kid:
            raise SealBroken("the blob names another key")
        start = 2 + blob[1]
        try:
            return AESGCM(self.key).decrypt(blob[start : start + NONCE_BYTES], blob[start + NONCE_BYTES :], associated)
        except InvalidTag as error:
            raise SealBroken("the blob does not belong here or was changed") from error


def kid_of(blob: bytes) -> str:
    """The key id in a blob's header. Raises SealBroken for anything that is not a blob."""
    if len(blob) < 2 or blob[0] != FORMAT:
        raise SealBroken("not a sealed blob")
    return blob[2 : 2 + blob[1]].decode("utf-8", errors="replace")


def associated(purpose: str, session_id: str) -> bytes:
    """The associated data of a blob: what it is for, and whose it is."""
    return f"attune:{purpose}:{session_id}".encode()


class Keyring:
    """The master keys. They only wrap the data key of each session; deleting that wrapped key shreds the session."""

    def __init__(self, keys: tuple[SealKey, ...]) -> None:
        self.active = keys[0]
        self._by_kid = {key.kid: key for key in keys}
        # Fingerprints must not change on rotation within a day, hence the oldest key.
        self._fingerprint_key = hashlib.sha256(b"attune-fingerprint" + keys[-1].key).digest()

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Reads "kid:base64[,kid2:base64]". Raises ValueError that names the fault and never the key."""
        keys = tuple(parse_key(part.strip()) for part in text.split(",") if part.strip())
        if not keys:
            raise ValueError("session_keys is empty: give kid:base64 of 32 random bytes")
        if len({key.kid for key in keys}) != len(keys):
            raise ValueError("session_keys names one key id twice")
        return cls(keys)

    def new_data_key(self, session_id: str) -> tuple[SealKey, bytes]:
        """A fresh data key for a session, and the same key wrapped under the active master key."""
        data_key = SealKey("d", secrets.token_bytes(KEY_BYTES))
        return data_key, self.wrap(session_id, data_key)

    def wrap(self, session_id: str, data_key: SealKey) -> bytes:
        """Wraps a data key under the active master key."""
        return self.active.seal(associated("key", session_id), data_key.key)

    def unwrap(self, session_id: str, wrapped: bytes) -> SealKey:
        """Opens a wrapped data key with the master key that its header names. Raises SealBroken."""
        master = self._by_kid.get(kid_of(wrapped))
        if master is None:
            raise SealBroken("the master key of this session is gone")
        return SealKey("d", master.open(associated("key", session_id), wrapped))

    def is_current(self, wrapped: bytes) -> bool:
        """Whether a wrapped key already uses the active master key."""
        return kid_of(wrapped) == self.active.kid

    def fingerprint(self, session_id: str, body: bytes) -> str:
        """A keyed digest of a request body: equal bodies are recognised, and a short text cannot be guessed from it."""
        return hmac.new(self._fingerprint_key, session_id.encode() + b"\0" + body, hashlib.sha256).hexdigest()


def parse_key(part: str) -> SealKey:
    """One "kid:base64" part."""
    kid, _, encoded = part.partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if not kid or len(kid) > 32 or len(key) != KEY_BYTES:
        raise ValueError(f"session_keys entry {kid[:32]!r} must be kid:base64 of {KEY_BYTES} bytes")
    return SealKey(kid, key)
