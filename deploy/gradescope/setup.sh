#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image.
set -euo pipefail
home=${KATA_HOME:-/opt/katas}

# The newest Python that the image has and on which kata is tested.
python=""
apt-get update -qq
apt-get install -y -qq --no-install-recommends python3 python3-venv
for one in python3.15 python3.14 python3.13 python3.12 python3.11 python3; do
    if "$one" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 15))' 2>/dev/null; then
        python=$one
        break
    fi
done
if [ -z "$python" ]; then
    echo "setup.sh: kata needs Python 3.11 to 3.15, and this image has $(python3 --version 2>&1)." >&2
    echo "setup.sh: choose another base image for the autograder: Ubuntu 24.04 (it has Python 3.12)." >&2
    exit 1
fi

"$python" -m venv "$home"
"$home/bin/pip" install --quiet --disable-pip-version-check "${AUTOGRADER_ROOT:-/autograder}"/source/*.whl
"$home/bin/kata" doctor || true
