"""disks.py -- small file systems in files, for tests of full disks; they want root.
"""

import os
import shutil
import subprocess
import sys
import tempfile

import tap


class Disk:
    """A small file system in a file."""

    def __init__(self, top, name, size_mb):
        self.path = os.path.join(top, name)
        self.image = self.path + ".image"
        os.mkdir(self.path)
        for command in (
                ["truncate", "-s", f"{size_mb}M", self.image],
                ["mkfs.ext4", "-q", "-m", "0", self.image],
                ["mount", "-o", "loop", self.image, self.path]):
            subprocess.run(command, check=True, capture_output=True)
        shutil.rmtree(os.path.join(self.path, "lost+found"))
        shutil.chown(self.path, "postgres", "postgres")

    def fill(self):
        with open(os.path.join(self.path, "ballast"), "wb") as f:
            try:
                while True:
                    f.write(b"\0" * (1 << 20))
                    f.flush()
            except OSError:
                pass

    def free(self):
        os.unlink(os.path.join(self.path, "ballast"))

    def unmount(self):
        subprocess.run(["umount", "-l", self.path], check=False)


def run(test, sizes_mb, **cluster_options):
    """test(cluster, disk of each size); PostgreSQL is to live on the first."""
    if os.geteuid() != 0:
        tap.skip("disk full", "wants root, to mount a small file system")
        sys.exit(77)
    top = tempfile.mkdtemp(prefix="suyuan-full.", dir="/var/tmp")
    os.chmod(top, 0o755)
    disks = []
    try:
        for i, size_mb in enumerate(sizes_mb):
            disks.append(Disk(top, f"disk{i}", size_mb))
    except (subprocess.CalledProcessError, OSError) as e:
        tap.skip("disk full", f"cannot mount: {getattr(e, 'stderr', e)!r}")
    try:
        if len(disks) == len(sizes_mb):
            tap.run(lambda cluster: test(cluster, *disks), start=False,
                    pg_dir=os.path.join(disks[0].path, "pg"),
                    **cluster_options)
    finally:
        for disk in disks:
            disk.unmount()
        shutil.rmtree(top, ignore_errors=True)
    sys.exit(77)
