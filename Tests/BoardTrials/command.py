"""Virtual boards in QEMU, with Debian's own kernel and drivers, and the trials that run on them."""

import argparse
import pathlib
import re
import shlex
import shutil
import signal
import sys
import tempfile

import board
import cache
import debian
import images
import network
import trials
import trials_image
import trials_devices  # noqa: F401 (the trials enter themselves)
import trials_product  # noqa: F401
import trouble

ROOT = pathlib.Path(__file__).resolve().parents[2]

_EPILOG = f"""
what it does:
  Without --trial and --run the board boots, starts the binary if one is given, tells where its panel is, and is yours:
  lines that you type are run by its shell; Ctrl-D ends it.
  --run copies files to the board, runs the first one there with the ARGUMENTS behind "--", and ends with its exit code.

examples:
  Scripts/virtual-board x86_64 --list
  Scripts/virtual-board x86_64 --trial self-test
  Scripts/virtual-board arm64 --binary visiosalle --trial press
  Scripts/virtual-board x86_64 --run my-test data.toml --screendump seen.png -- --verbose data.toml
  Scripts/virtual-board x86_64 --binary visiosalle --config room.toml --copy ca.pem --netns lab --host 10.1.0.2=meet.lab

the cache:
  Kernel, packages and disk images are fetched from Debian and made on first use, by any user, in
  $XDG_CACHE_HOME/visiosalle/board (1.1 GB with both architectures). ${cache.VARIABLE} names another folder,
  $VISIOSALLE_BOARD_MIRROR another mirror than deb.debian.org. Interrupted runs go on where they stopped.

slow machines:
  ${board.PATIENCE_VARIABLE} multiplies every time limit (1; arm64 takes twice that by itself).

exit codes:
  0 all well; 1 a trial failed; 64 usage; 66 a file is missing; 69 a program or Debian cannot be had; 73 the cache
  cannot be written; 75 the board does not boot; with --run that of the program.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"virtual-board: {message}\n", file=sys.stderr)
        self.print_usage(sys.stderr)
        sys.exit(trouble.USAGE)


def _parser():
    parser = _Parser(
        prog="Scripts/virtual-board", description=__doc__, epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("architecture", choices=sorted(images.ARCHITECTURES), help="the board's processor")
    parser.add_argument("--trial", action="append", metavar="NAME", default=[],
                        help="run a trial; may be repeated; all: every one, self-test: those of the board itself")
    parser.add_argument("--list", action="store_true", help="list the trials and end")
    parser.add_argument("--binary", type=pathlib.Path, metavar="FILE",
                        help="visiosalle, built for Debian 13 on this processor (Scripts/cross)")
    parser.add_argument("--libraries", action="store_true",
                        help="take along the libraries of --binary that the board lacks: for a build of this machine")
    parser.add_argument("--config", type=pathlib.Path, metavar="FILE",
                        help="configuration for the binary, without --trial")
    parser.add_argument("--copy", action="append", type=pathlib.Path, metavar="FILE", default=[],
                        help="another file for /payload on the board; may be repeated")
    parser.add_argument("--run", nargs="+", type=pathlib.Path, metavar="FILE", help="copy files and run the first one")
    parser.add_argument("--seconds", type=int, default=120, help="how long --run may take (default 120)")
    parser.add_argument("--screendump", type=pathlib.Path, metavar="FILE", help="after --run, save the screen as PNG")
    parser.add_argument("--pictures", type=pathlib.Path, metavar="FOLDER", default=None,
                        help="where trials leave pictures and logs (default: .build-board/ARCHITECTURE)")
    parser.add_argument("--netns", metavar="NAME",
                        help="put the board's network into a network namespace of this machine")
    parser.add_argument("--server", metavar="URL",
                        help="a meeting on a real Jitsi Meet, with somebody in it: for the trial of that name")
    parser.add_argument("--ca", type=pathlib.Path, metavar="FILE", help="the authority of that server's certificate")
    parser.add_argument("--host", action="append", metavar="ADDRESS=NAME", default=[],
                        help="a line of the board's /etc/hosts")
    parser.add_argument("--image", type=pathlib.Path, metavar="FILE",
                        help="an image of Scripts/image, for the trials whose names begin with image-")
    parser.add_argument("--update", action="append", metavar="KIND=FILE", default=[],
                        help="an update for those trials: good, crash, wrong-key, wrong-board")
    parser.add_argument("--firmware", type=pathlib.Path, metavar="FILE", help="other firmware than edk2, for instance U-Boot")
    parser.add_argument("--refresh", action="store_true", help="ask Debian for newer packages and make the images anew")
    parser.add_argument("--prepare", action="store_true", help="only make the images")
    return parser


def main(arguments):
    """Runs the command; its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    program = []
    if "--" in arguments:
        place = arguments.index("--")
        arguments, program = arguments[:place], arguments[place + 1 :]
    options = _parser().parse_args(arguments)
    try:
        return _act(options, program)
    except trouble.Trouble as error:
        print(f"virtual-board: {error}", file=sys.stderr)
        return error.code
    except board.Failure as error:
        print(f"virtual-board: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _say(text):
    print(f"virtual-board: {text}", flush=True)


def _act(options, program):
    if options.list:
        for one in trials.TRIALS.values():
            needs = "" if one.needs_product else " (without the product)"
            print(f"{one.name:24} {one.about}{needs}")
        for one in trials_image.TRIALS.values():
            print(f"{one.name:24} {one.about} (with --image)")
        return 0
    if options.image is not None:
        return _run_image_trials(options)
    chosen = _chosen(options)
    for path in filter(None, [options.binary, options.config, options.ca, *options.copy, *(options.run or [])]):
        if not path.is_file():
            raise trouble.Trouble(trouble.NO_INPUT, f"there is no file {path}")
    parts = images.prepare(options.architecture, _say, options.refresh)
    if options.prepare:
        return 0
    with tempfile.TemporaryDirectory(prefix="visiosalle-payload-") as name:
        payload = pathlib.Path(name)
        for path in [*options.copy, *(options.run or [])]:
            shutil.copy(path, payload / path.name)
        if options.binary is not None:
            _take_product(options, payload)
            # The boards' descriptions, as an image has them.
            shutil.copytree(ROOT / "Board", payload / "boards")
        if options.config is not None:
            shutil.copy(options.config, payload / "visiosalle.toml")
        if options.ca is not None:
            shutil.copy(options.ca, payload / "ca.crt")

        def make_board():
            return board.Board(parts, network.Network(options.netns), payload, options.host)

        if chosen:
            pictures = options.pictures or ROOT / ".build-board" / options.architecture
            return 1 if trials.run(chosen, make_board, pictures, options.server) else 0
        with make_board() as running:
            if options.run:
                return _run(running, options, program)
            return _hand_over(running, options)


def _run_image_trials(options):
    unknown = [name for name in options.trial if name not in trials_image.TRIALS]
    if unknown or not options.trial:
        raise trouble.Trouble(trouble.USAGE, f"trials of an image: {', '.join(trials_image.TRIALS)}")
    updates = dict(pair.partition("=")[::2] for pair in options.update)
    for path in [options.image, *map(pathlib.Path, updates.values())]:
        if not path.is_file():
            raise trouble.Trouble(trouble.NO_INPUT, f"there is no file {path}")
    pictures = options.pictures or ROOT / ".build-board" / options.architecture
    updates = {kind: pathlib.Path(name).absolute() for kind, name in updates.items()}
    chosen = [trials_image.TRIALS[name] for name in options.trial]
    return 1 if trials_image.run(chosen, options.architecture, options.image, pictures, updates, options.firmware) else 0


def _take_product(options, payload):
    """The product as `/payload/visiosalle`: itself, or a script that finds it and its libraries."""
    place = payload / "visiosalle"
    if options.libraries:
        words = debian.run(["ldd", str(options.binary)], "looking for the binary's libraries")
        libraries = re.findall(r"=> (/\S+)", words)
        (payload / "bin").mkdir()
        (payload / "lib").mkdir()
        for library in libraries:
            shutil.copy(library, payload / "lib" / pathlib.Path(library).name)
        # What the board has itself comes first: its libraries agree with its kernel and with each other.
        place.write_text(
            "#!/bin/sh\nexport LD_LIBRARY_PATH=$(echo /usr/lib/*-linux-gnu):/payload/lib\n"
            "exec /payload/bin/visiosalle \"$@\"\n"
        )
        shutil.copy(options.binary, payload / "bin" / "visiosalle")
        (payload / "bin" / "visiosalle").chmod(0o755)
    else:
        shutil.copy(options.binary, place)
    place.chmod(0o755)


def _chosen(options):
    chosen = []
    for name in options.trial:
        if name == "all":
            chosen += [one for one in trials.TRIALS.values()
                       if (options.binary or not one.needs_product) and (options.server or not one.needs_server)]
        elif name == "self-test":
            chosen += [one for one in trials.TRIALS.values() if not one.needs_product]
        elif name in trials.TRIALS:
            chosen.append(trials.TRIALS[name])
        else:
            raise trouble.Trouble(trouble.USAGE, f"there is no trial {name}; --list names them")
    if options.server is None and any(one.needs_server for one in chosen):
        raise trouble.Trouble(trouble.USAGE, "this trial needs --server URL: a meeting on a real Jitsi Meet")
    if options.binary is None and any(one.needs_product for one in chosen):
        raise trouble.Trouble(trouble.USAGE, "this trial needs --binary FILE: visiosalle, as Scripts/cross builds it")
    return chosen


def _run(running, options, program):
    first = f"./{options.run[0].name}"
    running.check(f"cp -r /payload /tmp/run && chmod +x {shlex.quote('/tmp/run/' + first)}")
    words = shlex.join([first, *program])
    answer = running.run(f"cd /tmp/run && timeout -k 2 {options.seconds} {words}", options.seconds + 10)
    sys.stdout.write(answer.output.rstrip("\n") + "\n")
    if options.screendump:
        options.screendump.write_bytes(running.screen().png())
    return answer.code


def _hand_over(running, options):
    _say(f"ready after {running.booted_in:.1f} s")
    if options.binary:
        config = " --config /payload/visiosalle.toml" if options.config else ""
        program = f"/payload/visiosalle run{config} --boards /payload/boards --state /tmp/state"
        running.check(f"({program} > /tmp/visiosalle.log 2>&1 < /dev/null &)")
        _say(f"its words are in /tmp/visiosalle.log; its panel, if it listens on 0.0.0.0:"
             f"{network.PANEL_PORT_ON_BOARD}, is at http://127.0.0.1:{running.network.panel_port}/")
    for line in sys.stdin:
        answer = running.run(line.strip(), 600)
        sys.stdout.write(answer.output)
        if answer.code:
            print(f"[exit code {answer.code}]")
        sys.stdout.flush()
    if options.screendump:
        options.screendump.write_bytes(running.screen().png())
    return 0
