"""python-tuf as a client that another process drives, one JSON object a line.

{"new": ANCHOR}     begins with a root and an empty store
{"check": [PATH]}   refreshes and looks the paths up; asks {"fetch": NAME} meanwhile, each answered with {"bytes": DATA or null}
Bytes are base64. The answer to a check is {"versions": ..., "found": [...], "reasons": [...]}.
"""

import base64
import json
import shutil
import sys
import tempfile
from urllib.parse import unquote

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater

BASE = "http://localhost/"


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def hear():
    line = sys.stdin.readline()
    return json.loads(line) if line else None


class Asking(FetcherInterface):
    def _fetch(self, url):
        say({"fetch": unquote(url[len(BASE):])})
        data = hear()["bytes"]
        if data is None:
            raise DownloadHTTPError("not found", 404)
        return iter([base64.b64decode(data)])


def reason(error):
    """The error and what caused it: what cannot be deserialized says why only there."""
    text = f"{type(error).__name__}: {error}"
    return text if error.__cause__ is None else f"{text} <- {reason(error.__cause__)}"


def check(directory, anchor, paths):
    reasons = []
    updater = Updater(directory, BASE, fetcher=Asking(), bootstrap=anchor)
    try:
        updater.refresh()
    except Exception as error:  # whatever it is, it is a refusal
        return {"versions": None, "found": [], "reasons": [reason(error)]}
    trusted = updater._trusted_set
    roles = (trusted.root, trusted.timestamp, trusted.snapshot, trusted.targets)
    found = []
    for path in paths:
        try:
            target = updater.get_targetinfo(path)
            found.append("none" if target is None else str(target.length))
        except Exception as error:
            reasons.append(reason(error))
            found.append("refused")
    return {"versions": " ".join(str(role.version) for role in roles), "found": found, "reasons": reasons}


def main():
    directory, anchor = None, None
    while (message := hear()) is not None:
        if "new" in message:
            if directory is not None:
                shutil.rmtree(directory)
            directory, anchor = tempfile.mkdtemp(prefix="python-tuf-"), base64.b64decode(message["new"])
        else:
            say(check(directory, anchor, message["check"]))
    if directory is not None:
        shutil.rmtree(directory)


main()
