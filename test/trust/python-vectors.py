"""Writes repositories with python-tuf, each to its own directory: python-vectors.py DIRECTORY"""

import os
import sys
from datetime import datetime, timedelta, timezone

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

expires = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=30)
kinds = {
    "ed25519": CryptoSigner.generate_ed25519,
    "ecdsa": CryptoSigner.generate_ecdsa,
    "rsa": CryptoSigner.generate_rsa,
}
path = "app/1.0.0/Grüße-\U0001f600.bin"
names = ["\U0001f600", "\uffff", "10", "9", '"', "\\", "\n", "a"]


def target() -> TargetFile:
    info = TargetFile.from_data(path, b"hello", ["sha256", "sha512", "blake2b-256"])
    info.unrecognized_fields["custom"] = {name: name for name in names}
    return info


def delegate(targets: Targets, how: str, signer: CryptoSigner) -> dict[str, Targets]:
    leaf = Targets(expires=expires)
    leaf.targets[path] = target()
    key = signer.public_key
    if how == "bins":
        succinct = SuccinctRoles([key.keyid], 1, 3, "bins")
        targets.delegations = Delegations({key.keyid: key}, succinct_roles=succinct)
        empty = {name: Targets(expires=expires) for name in succinct.get_roles()}
        return {**empty, succinct.get_role_for_target(path): leaf}
    where = {"paths": ["app/*/*"]} if how == "paths" else {"path_hash_prefixes": list("0123456789abcdef")}
    roles = {
        name: DelegatedRole(name, [key.keyid], 1, terminating, **where)
        for name, terminating in [("first", False), ("zweite Röle", True), ("third", False)]
    }
    targets.delegations = Delegations({key.keyid: key}, roles=roles)
    return {"first": Targets(expires=expires), "zweite Röle": leaf, "third": Targets(expires=expires)}


def write(directory: str, kind: str, how: str, consistent: bool, compact: bool) -> None:
    os.makedirs(directory)
    serializer = JSONSerializer(compact=compact)
    signer, second = kinds[kind](), kinds["ed25519"]()

    def save(metadata: Metadata, name: str, *signers: CryptoSigner) -> None:
        for at, one in enumerate(signers):
            metadata.sign(one, append=at > 0)
        with open(os.path.join(directory, name), "wb") as file:
            file.write(metadata.to_bytes(serializer))

    def announce(name: str, metadata: Metadata) -> MetaFile:
        data = metadata.to_bytes(serializer)
        return MetaFile.from_data(metadata.signed.version, data, ["sha256", "sha512"])

    prefix = "1." if consistent else ""
    root = Root(expires=expires, consistent_snapshot=consistent)
    for role in ["root", "timestamp", "snapshot", "targets"]:
        root.add_key(signer.public_key, role)
    root.add_key(second.public_key, "root")
    root.roles["root"].threshold = 2
    save(Metadata(root), "1.root.json", signer, second)
    targets, snapshot, timestamp = Targets(expires=expires), Snapshot(expires=expires), Timestamp(expires=expires)
    for name, role in delegate(targets, how, signer).items():
        delegated = Metadata(role)
        encoded = "".join(c if c.isascii() and c.isalnum() or c in "-" else "".join(f"%{b:02X}" for b in c.encode()) for c in name)
        save(delegated, f"{prefix}{encoded}.json", signer)
        snapshot.meta[f"{name}.json"] = announce(name, delegated)
    top = Metadata(targets)
    save(top, f"{prefix}targets.json", signer)
    snapshot.meta["targets.json"] = announce("targets", top)
    frozen = Metadata(snapshot)
    save(frozen, f"{prefix}snapshot.json", signer)
    timestamp.snapshot_meta = announce("snapshot", frozen)
    save(Metadata(timestamp), "timestamp.json", signer)
    root.version = 2
    root.add_key(kinds[kind]().public_key, "root")
    save(Metadata(root), "2.root.json", signer, second)


for kind in kinds:
    for how in ["paths", "prefixes", "bins"]:
        for consistent in [True, False]:
            name = f"{kind} {how} {'consistent' if consistent else 'plain'}"
            write(os.path.join(sys.argv[1], name), kind, how, consistent, compact=consistent)
