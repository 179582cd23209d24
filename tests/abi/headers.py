"""What the public headers declare: functions, structures with their members, enums. Used by tests/abi/record and tests/abi/check."""
import glob
import os
import re
import subprocess
import tempfile

HEADERS = sorted(glob.glob('include/fate/*.h'))
NODE = re.compile(r'FATE_\d[\d.]*$')


def code_of(path):
    """A header without comments and preprocessor lines."""
    with open(path, encoding='utf-8') as file:
        text = re.sub(r'/\*.*?\*/|//[^\n]*', ' ', file.read(), flags=re.S)
    return re.sub(r'^\s*#(?:[^\n]*\\\n)*[^\n]*', '', text, flags=re.M)


CODE = '\n'.join(code_of(path) for path in HEADERS)


def functions():
    return sorted(set(re.findall(r'^FATE_API\b[^;(]*?\b(fate_\w+)\s*\(', CODE, re.M)))


def structures():
    """{type as C writes it: [member, ...]}"""
    found = {}
    for tag, body in re.findall(r'\bstruct\s+(\w+)\s*\{(.*?)\}', CODE, re.S):
        members = [re.search(r'\(\s*\*\s*(\w+)\s*\)\s*\(|(\w+)\s*(?:\[[^]]*\])?\s*$', line) for line in body.split(';') if line.strip()]
        found['struct ' + tag] = [match.group(1) or match.group(2) for match in members]
    return found


def enumerators():
    """[name, ...] of every public enum, in their order."""
    bodies = re.findall(r'\benum\s+\w+\s*\{(.*?)\}', CODE, re.S)
    return [name for body in bodies for name in re.findall(r'(?:^|,)\s*(\w+)', body)]


def compile_and_run(program, compiler):
    with tempfile.TemporaryDirectory() as scratch:
        source, binary = os.path.join(scratch, 'layout.c'), os.path.join(scratch, 'layout')
        with open(source, 'w') as file:
            file.write(program)
        subprocess.run([*compiler, '-std=c11', '-Iinclude', '-o', binary, source], check=True)
        return subprocess.run([binary], check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout


def layout(compiler):
    """Assertions of what a compiled program knows of the headers, as lines of C. Structures grow at their end only: their size may become
    larger, what lies in them stays where it is."""
    prints = []
    for kind, members in structures().items():
        prints.append(f'printf("_Static_assert(sizeof({kind}) >= %zu, \\"size\\");\\n", sizeof({kind}));')
        prints += [f'printf("_Static_assert(offsetof({kind}, {name}) == %zu && sizeof((({kind} *)0)->{name}) == %zu, \\"{name}\\");\\n", '
                   f'offsetof({kind}, {name}), sizeof((({kind} *)0)->{name}));' for name in members]
    prints += [f'printf("_Static_assert({name} == %d, \\"value\\");\\n", (int)({name}));' for name in enumerators()]
    body = '\n    '.join(prints)
    return compile_and_run(f'#include <fate/fate.h>\n#include <stdio.h>\nint main(void)\n{{\n    {body}\n    return 0;\n}}\n', compiler)


def layout_file(compiler):
    return ('/* What programs compiled against this version know of its structures and enums. Written by `make symbols`; never changed\n'
            ' * after the release. */\n/* clang-format off */\n#include <fate/fate.h>\n\n#if UINTPTR_MAX == UINT64_MAX\n' + layout(compiler) + '#endif\n')


def listed():
    """lib/symbols: {function: the node of the release that brought it}."""
    found, node = {}, ''
    with open('lib/symbols') as file:
        for line in file.read().split():
            if NODE.match(line):
                node = line
            else:
                found[line] = node
    return found
