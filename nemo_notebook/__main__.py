"""`python -m nemo_notebook demo · serve · lab`; `nemo-notebook` is the same."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from nemo_notebook import __version__, errors, examples, settings

_SONG_PROMPT = "create a video from this music with visualizer and beat-synced cuts"
_TITLE_PROMPT = 'add a title "Paper Lanterns" for the first 3 seconds'
_CLIPS_PROMPT = "generate a background music track that matches the mood and pace of my video"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status (0 done, 1 an error that was told, 130 interrupted)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that lacks a character must not end the program
    given = sys.argv[1:] if arguments is None else arguments
    parser = _parser()
    if not given:
        parser.print_help()
        return 0
    options, unknown = parser.parse_known_args(given)
    if unknown and options.run is not _lab:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    options.jupyter = [option for option in unknown if option != "--"]
    try:
        options.run(options)
    except errors.NemoError as error:
        print(f"⚠️ {error.message}" + (f"\n   → {error.hint}" if error.hint else ""), file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read our output has gone
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nemo-notebook", description="Music videos by chat, also offline.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="demo | serve | lab")
    demo = commands.add_parser("demo", help="make a music video from the bundled media or your own files, offline")
    demo.add_argument("files", nargs="*", help="a song, clips, pictures; the bundled ones without")
    demo.add_argument("--prompt", help="what to ask for, in plain words")
    demo.add_argument("--style", help="energetic, cinematic, dreamy, retro … or a TOML file of your own")
    demo.add_argument("--out", type=Path, default=Path("nemo-demo"), help="the folder of the video (nemo-demo)")
    demo.set_defaults(run=_demo)
    serve = commands.add_parser("serve", help="run the local engine as a server for this machine")
    serve.add_argument("--port", type=int, default=8765, help="the port to listen on (8765)")
    serve.set_defaults(run=_serve)
    lab = commands.add_parser(
        "lab",
        help="open JupyterLab on the example notebooks",
        usage="nemo-notebook lab [OPTIONS OF JUPYTERLAB]",
        description="JupyterLab on the example notebooks. Options are JupyterLab's, such as --no-browser --port 8899.",
        allow_abbrev=False,
    )
    lab.set_defaults(run=_lab)
    return parser


def _demo(options: argparse.Namespace) -> None:
    from nemo_notebook.console import TextBar
    from nemo_notebook.film.style import style_fields
    from nemo_notebook.session.sync import connect
    from nemo_notebook.session.targets import free_path, title_of

    begun_s = time.monotonic()
    style = style_fields(options.style) if options.style else {}

    _step("Connecting… (local engine: nothing leaves this machine)")
    session = connect(skill="music-ab2n-0330" if options.files else "from-music", backend="local")
    _step("Ready!")
    with contextlib.closing(session):
        with contextlib.closing(TextBar()) as bar:
            media = session.upload(*(options.files or examples.media()), on_progress=bar)
        print(media.words)
        has_sound = any(each.kind == "audio" for each in media)  # as the engine has found, whatever their names say
        usual = [_SONG_PROMPT if has_sound else _CLIPS_PROMPT, *([] if options.files else [_TITLE_PROMPT])]
        for prompt in [options.prompt] if options.prompt else usual:
            _step(f"You: {prompt}")
            print(session.chat(prompt).text)
        if style:
            _step(f"Style: {options.style}")
            print(session.edit("set_style", **style).text)
        timeline = session.timeline()
        if not timeline.is_ready:
            raise errors.NothingToExport("Nothing was made of it.", hint=f'Say more: --prompt "{_SONG_PROMPT}"')
        _step(timeline.summary)
        print(timeline.frame.drop(columns=["segment", "source"]).to_string(index=False, max_rows=12))
        _step("Exporting…")
        target = free_path(title_of(timeline), "mp4", options.out)
        with contextlib.closing(TextBar()) as bar:
            video = session.export(target, on_progress=bar)
    _step(f"Done in {time.monotonic() - begun_s:.0f} s: {video}")


def _step(words: str) -> None:
    print(f"\n▸ {words}", flush=True)


def _serve(options: argparse.Namespace) -> None:
    from nemo_notebook.session import backend

    if not backend.engine_installed():
        raise errors.MissingExtra("local", "The local engine")
    from nemo_notebook.engine.__main__ import serve

    def tell(url: str) -> None:
        print(f"The local engine listens on {url} (stop it with Ctrl-C).")
        print(f"Use it from a notebook: %nemo connect --backend {url}")
        print(f"From another program: NEMO_API_URL={url}", flush=True)

    serve(settings.home() / "engine", options.port, tell)


def _lab(options: argparse.Namespace) -> None:
    if importlib.util.find_spec("jupyterlab") is None:
        raise errors.MissingExtra("lab", "JupyterLab")
    folder = examples.working_copy(Path("nemo-notebook")).resolve()
    print(f"The example notebooks are in {folder}", flush=True)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    command += ["--LabApp.default_url=/lab/tree/quickstart.ipynb", *options.jupyter]
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606 - takes our place, so that a signal to us is one to it
    subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
