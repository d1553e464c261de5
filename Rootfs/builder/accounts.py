"""Users and groups as the packages' sysusers.d files want them (sysusers.d(5)), with numbers that no update changes."""

import shlex

import trouble

# Names whose number sysusers.d leaves open. The data partition outlives an image: a number is never given twice.
NUMBERS = {
    "systemd-journal": 999, "systemd-network": 998, "systemd-timesync": 997, "systemd-resolve": 996, "messagebus": 995,
    "input": 994, "sgx": 993, "clock": 992, "kvm": 991, "render": 990, "visiosalle": 989, "gpio": 988, "dhcpcd": 987,
    "netdev": 986, "systemd-coredump": 985, "systemd-bus-proxy": 984, "_ssh": 983, "crontab": 982, "utmp": 981,
    "tss": 980, "sudo": 979,
}
_STATIC = {
    "root": 0, "daemon": 1, "bin": 2, "sys": 3, "adm": 4, "tty": 5, "disk": 6, "lp": 7, "kmem": 15, "dialout": 20,
    "cdrom": 24, "floppy": 25, "tape": 26, "audio": 29, "video": 44, "users": 100, "shadow": 42, "staff": 50,
    "nogroup": 65534, "utmp": 43, "plugdev": 46, "wheel": 978, "lock": 977, "uucp": 10, "mail": 8,
}


def make(tree):
    """Writes passwd, group and shadow; nobody has a password or a shell."""
    users = {"root": (0, 0, "root", "/root"), "nobody": (65534, 65534, "nobody", "/nonexistent")}
    groups = dict(_STATIC)
    members = {}
    for path in sorted((tree / "usr/lib/sysusers.d").glob("*.conf")):
        for line in path.read_text().splitlines():
            words = shlex.split(line, comments=True)
            if not words:
                continue
            kind, name, number = words[0].rstrip("!"), words[1], words[2] if len(words) > 2 else "-"
            if kind == "g":
                groups.setdefault(name, _number(name, number))
            elif kind == "u" and name not in users:
                own, _, group = number.partition(":")
                own = _number(name, own)
                if group:
                    group_number = groups[group] if group in groups else int(group)
                else:
                    group_number = groups.setdefault(name, own)
                about = words[3] if len(words) > 3 and words[3] != "-" else ""
                home = words[4] if len(words) > 4 and words[4] != "-" else "/"
                users[name] = (own, group_number, about, home)
            elif kind == "m":
                members.setdefault(number, []).append(name)
    etc = tree / "etc"
    (etc / "passwd").write_text("".join(
        f"{name}:x:{number}:{group}:{about}:{home}:/usr/sbin/nologin\n"
        for name, (number, group, about, home) in sorted(users.items(), key=lambda item: item[1][0])
    ))
    (etc / "group").write_text("".join(
        f"{name}:x:{number}:{','.join(members.get(name, []))}\n"
        for name, number in sorted(groups.items(), key=lambda item: (item[1], item[0]))
    ))
    (etc / "shadow").write_text("".join(f"{name}:!*:1::::::\n" for name in sorted(users)))
    (etc / "shadow").chmod(0o600)
    return users, groups


def _number(name, text):
    if text.isdigit():
        return int(text)
    number = NUMBERS.get(name, _STATIC.get(name))
    if number is None:
        raise trouble.Trouble(trouble.SOFTWARE, f"sysusers.d wants {name}, which has no number in accounts.py")
    return number
