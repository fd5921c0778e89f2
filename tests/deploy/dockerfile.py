"""Carries out a Dockerfile without Docker: the image is a directory."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

PYTHON = Path(sys.base_prefix) / "bin"


class Build:
    """Instructions of a Dockerfile, one after the other, each stage in its directory.

    Absolute paths of the image are those below the directory of its stage. The image
    that a stage begins with is this machine, without any package of Python: a command
    sees nothing of the environment but how packages are found. Those that pip has on
    this machine are not fetched again.
    """

    def __init__(self, dockerfile, context, place):
        from dockerfile_parse import DockerfileParser

        self.context = context
        self.place = place
        self.stages = {}
        self.settings = {}
        with dockerfile.open("rb") as file:
            parser = DockerfileParser(fileobj=file, env_replace=False)
            for step in parser.structure:
                if step["instruction"] != "COMMENT":
                    getattr(self, step["instruction"].lower())(step["value"])

    def __getattr__(self, instruction):
        return lambda value: self.settings.update({instruction: value})

    def from_(self, value):
        name = value.split(" AS ")[1] if " AS " in value else "last"
        self.root = self.place / name
        self.directory = self.root
        self.environment = {"PATH": f"{PYTHON}:/usr/bin:/bin", "HOME": str(self.root)}
        self.environment |= {k: v for k, v in os.environ.items() if k in FINDS_PACKAGES}
        self.environment["PIP_NO_COMPILE"] = "1"  # what is tried once only
        self.root.mkdir()
        self.stages[name] = self.root

    def workdir(self, value):
        self.directory = self.root / value.lstrip("/")
        self.directory.mkdir(parents=True)

    def copy(self, value):
        words = value.split()
        source = self.context
        if words[0].startswith("--from="):
            source = self.stages[words.pop(0).removeprefix("--from=")]
        *names, target = words
        target_path = self._path(target)
        for name in names:
            path = source / name.lstrip("/")
            if path.is_dir():
                shutil.copytree(path, target_path, symlinks=True, dirs_exist_ok=True)
            else:
                target_path.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target_path)

    def env(self, value):
        for word in shlex.split(value):
            name, text = word.split("=", 1)
            text = text.replace("$PATH", self.environment["PATH"])
            self.environment[name] = self._inside(text)

    def run(self, value):
        command = self._inside(value.replace(" --no-cache-dir", ""))
        self.execute(["bash", "-ec", command], check=True)

    def execute(self, command, **options):
        return subprocess.run(
            command, cwd=self.directory, env=self.environment, text=True, **options
        )

    def exec_form(self, value):
        """The words of an instruction such as `CMD ["/models"]`."""
        return json.loads(value[value.index("[") :])

    def _path(self, target):
        if target.startswith("/"):
            return self.root / target.lstrip("/")
        return self.directory / target

    def _inside(self, text):
        """The same text, with `/venv` as the path below this stage's directory."""
        return re.sub(r"(?<![\w./])/venv\b", str(self.root / "venv"), text)


setattr(Build, "from", Build.from_)
FINDS_PACKAGES = {name for name in os.environ if name.startswith("PIP_")} - {
    "PIP_REQUIRE_VIRTUALENV"
}
