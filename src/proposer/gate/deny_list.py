"""What a candidate has no business with, as tables. A new name goes into a pattern here; a new rule gets its sentence in
violations.ts and its rows in test/proposer/gate/.

A finding is (rule, what), and only what a candidate has more of than its base counts: no repo is refused for what it does
already. Names are told as imports tell them (names.py). Whoever hides better meets the sandbox, which is the real defence.
"""

import re

# `(^|\.)`: also as a part of a module that imported it.
PATTERNS = [
    ("network", r"(^|\.)_?socket(server)?(\.|$)"),
    ("network", r"^(ssl|http|urllib\.request|urllib3|requests|httpx|aiohttp|websockets?|ftplib|smtplib)(\.|$)"),
    ("network", r"^(poplib|imaplib|telnetlib|xmlrpc|paramiko|huggingface_hub|torch\.hub)(\.|$)"),
    ("process", r"(^|\.)_?(subprocess|posixsubprocess|multiprocessing|pty)(\.|$)"),
    ("process", r"(^|\.)(os|posix)\.(system|popen|fork(pty)?|spawn[lv]p?e?|exec[lv]p?e?|posix_spawnp?)$"),
    ("process", r"(^|\.)(os|posix)\.(setsid|setpgid|setpgrp|kill|killpg)$"),
    ("process", r"(^|\.)(futures\.(process|ProcessPoolExecutor)|asyncio\.(subprocess|create_subprocess_\w+))"),
    ("native", r"(^|\.)_?(ctypes|ctypeslib|cffi)(\.|$)"),
    ("introspection", r"(^|\.)(sys|threading)\.(settrace|setprofile|_getframe|_current_frames|monitoring|addaudithook)"),
    ("introspection", r"(^|\.)gc\.(get_objects|get_referrers|get_referents|callbacks)$"),
    ("introspection", r"(^|\.)inspect\.(stack|trace|currentframe|get(frameinfo|outerframes|innerframes)|getmembers)"),
    ("introspection", r"(^|\.)inspect\.get(closurevars|generatorlocals|coroutinelocals|attr_static)$"),
    ("introspection", r"(^|\.)traceback\.(walk_stack|walk_tb|extract_stack)$|^bdb(\.|$)"),
    # Asking whether a package is there, and which version, is no trick.
    ("code", r"(^|\.)importlib\.(import_module|reload|__import__|machinery|abc|_bootstrap\w*|util\.(?!find_spec))"),
    ("code", r"(^|\.)(_frozen_importlib\w*|runpy|builtins)(\.|$)"),
    ("code", r"^(_?imp|pkgutil|zipimport|marshal)(\.|$)|(^|\.)types\.(FunctionType|LambdaType|CodeType)$"),
    ("code", r"(^|\.)sys\.(modules|path|meta_path|path_hooks|path_importer_cache)(\.|$)"),
    ("patching", r"^(unittest\.mock|mock)(\.|$)"),
    ("exit", r"(^|\.)(atexit|threading\._register_atexit)(\.|$)"),
    # A plain thread keeps its process alive, which has a deadline; loaders of data use such.
    ("thread", r"(^|\.)(_thread(\.|$)|threading\.(Timer|_start_new_thread|_start_joinable_thread)$)"),
]
PATTERNS = [(rule, re.compile(pattern)) for rule, pattern in PATTERNS]

# Attributes of anything: frames, and the ways from any object to the interpreter's insides.
INSIDES = re.compile(
    r"^(f_back|f_globals|f_locals|f_builtins|tb_frame|gi_frame|cr_frame|ag_frame"
    r"|__subclasses__|__globals__|__builtins__|__code__|__closure__|__loader__)$"
)
# Builtins that make code of text.
CODE_FROM_TEXT = {"eval", "exec", "compile", "__import__", "breakpoint"}
# Modules of which no part may be taken by a name that is not written, nor all names at once.
DELICATE = re.compile(r"(^|\.)(os|posix|sys|builtins|time|gc|inspect|threading|importlib|torch\.cuda)$")
# The clock and the device's clock; whoever assigns to a part of them, or of the harness, changes the measurement.
CLOCKS = r"^(time|datetime|torch\.cuda|builtins)(\.|$)"
# What the harness tells a trial.
ENVIRONMENT = "AUTORESEARCH_"

# Functions whose first argument is a seed, and names of seeds wherever a value is given to one.
SEEDERS = {
    *("seed", "manual_seed", "manual_seed_all", "set_seed", "set_random_seed", "seed_everything", "PRNGKey"),
    *("default_rng", "RandomState", "SeedSequence", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"),
}
SEEDERS_OF_MODULES = {"random.Random", "jax.random.key"}
SEED_NAME = re.compile(r"(^|_|-)(seed|random_state)$", re.IGNORECASE)


def patched(harness):
    """Names whose parts are never assigned to, given the names of the harness's modules."""
    modules = "|".join(re.escape(name) for name in harness)
    return re.compile(CLOCKS + (rf"|(^|\.)({modules})(\.|$)" if modules else ""))
