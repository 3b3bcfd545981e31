"""fuzzing.py -- the fuzz targets of tests/fuzz: what there is, building it, running
one. Used by scripts/fuzz and by the test of the committed inputs.
"""

import os
import re
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
FUZZ = os.path.join(TOP, "tests", "fuzz")
OUT = os.path.join(TOP, "build", "fuzz")
# That of SAN=1 scripts/test as well.
BUILD = os.path.join("build", "san")
PARALLEL = int(os.environ.get("FUZZ_JOBS", "2"))
# What is longer finds the same, more slowly.
INPUT_MAX_BYTES = 16384
LIMITS = [f"-max_len={INPUT_MAX_BYTES}", "-timeout=10", "-rss_limit_mb=2000"]


def targets():
    return sorted(f[:-2] for f in os.listdir(os.path.join(FUZZ, "targets"))
                  if f.endswith(".c"))


def program(target):
    return os.path.join(TOP, BUILD, "bin", "fuzz-" + target)


def build(names):
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "BUILD")}
    subprocess.run(
        ["make", "-s", f"-j{os.cpu_count()}", "SAN=1", "BUILD=" + BUILD] +
        [os.path.relpath(program(n), TOP) for n in names],
        cwd=TOP, env=env, check=True)


def folders(target):
    """What is committed for a target."""
    both = [os.path.join(FUZZ, kind, target)
            for kind in ("corpus", "regressions")]
    return [d for d in both if os.path.isdir(d)]


def inputs(target):
    return [os.path.join(d, f) for d in folders(target)
            for f in os.listdir(d)]


def dictionary(target):
    path = os.path.join(FUZZ, "dict", target + ".dict")
    return ["-dict=" + path] if os.path.exists(path) else []


def run(target, arguments, corpus, seconds=None):
    """libFuzzer's exit status and what it said."""
    own = os.path.join(OUT, target)
    os.makedirs(os.path.join(own, "corpus"), exist_ok=True)
    done = subprocess.run(
        [program(target), *LIMITS, *dictionary(target), *arguments,
         f"-artifact_prefix={own}/", *corpus],
        cwd=own, text=True, errors="replace", check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=seconds)
    with open(os.path.join(own, "log"), "w", encoding="utf-8") as f:
        f.write(done.stdout)
    return done.returncode, done.stdout


def number(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def finding(target, text):
    """What libFuzzer kept, and why; None: nothing."""
    kept = re.search(r"Test unit written to (\S+)", text)
    why = re.search(r"does not hold: .*|runtime error: .*|ERROR: .*", text)
    if not kept and not why:
        return None
    path = os.path.relpath(kept.group(1), TOP) if kept else "(no input)"
    return (f"{target}: {why.group(0) if why else 'failed'}\n"
            f"    again: {os.path.relpath(program(target), TOP)} {path}")
