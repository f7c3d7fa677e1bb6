"""Goroutines in gdb (13 or newer), in a process or a core file: `info goroutines`, `goroutine N bt`.

gdb loads it with the program, where `auto-load safe-path` allows that; else `source PATH/goroutines-gdb.py`.
The program must have its symbols. What a parked goroutine looks like inside is read, never changed.
"""

import struct

import gdb
from gdb.unwinder import Unwinder

WORD = 8
STATES = ["idle", "runnable", "running", "syscall", "waiting", "dead"]
RUNNING, SYSCALL, WAITING = 2, 3, 4
ROOT = "run_body"


def memory(at, size):
    return gdb.selected_inferior().read_memory(at, size).tobytes()


def words(at, count):
    return struct.unpack("<%dQ" % count, memory(at, count * WORD))


class Layout:
    """The table that the program has for us (`sched/report/gdb.rs`)."""

    def __init__(self):
        try:
            at = int(gdb.parse_and_eval("(unsigned long)&GOROUTINES_GDB_V0"))
        except gdb.error:
            raise gdb.GdbError("no goroutines here: the program has no symbol GOROUTINES_GDB_V0")
        if words(at, 1) != (4,):
            raise gdb.GdbError("this script is for another version of the crate")
        w = words(at, 36)
        self.base, self.words, self.classes, self.chunks = w[1:5]
        self.unit, self.chunk, self.first_id, self.block, self.step = w[5:10]
        self.colours, self.colour, self.roomy, self.page_colours, self.page_colour = w[10:15]
        names = "size align id parent status reason flags parked slot class_ created".split()
        self.g = dict(zip(names, w[15:26]))
        self.seeds = words(w[26], 1)[0]
        self.seed_count = struct.unpack("<I", memory(w[27], 4))[0]
        self.seed_size = w[28]
        self.first_m = w[29]
        self.m = dict(zip(["next", "g", "tid"], w[30:33]))
        self.system = w[33]
        self.reasons = [self.text(w[34] + 16 * i) for i in range(w[35])]

    def text(self, at):
        """A `&str` that lies there. Its two words may be in either order: the smaller is the length."""
        a, b = words(at, 2)
        return memory(max(a, b), min(a, b)).decode()


class Goroutine:
    def __init__(self, layout, at):
        def number(name, size, kind):
            return struct.unpack("<" + kind, memory(at + layout.g[name], size))[0]

        self.at = at
        self.id = number("id", 8, "Q")
        self.parent = number("parent", 8, "Q")
        self.status = number("status", 1, "B")
        self.flags = number("flags", 2, "H")
        self.parked = number("parked", 8, "Q")
        self.slot = number("slot", 4, "I")
        self.class_ = number("class_", 1, "B")
        reason = number("reason", 1, "B")
        waits = self.status == WAITING and reason < len(layout.reasons)
        self.state = layout.reasons[reason] if waits else STATES[min(self.status, 5)]
        self.thread = None

    def registers(self):
        """pc, sp, frame pointer and base register, as it left its stack; `None` if it is not parked."""
        return words(self.parked, 4) if self.status == WAITING and self.parked else None


def header(layout, slot, class_):
    """Where the header of a slot is: `GRef::of_slot`."""
    units = (slot - layout.first_id) >> class_
    colour = units % layout.colours * layout.colour
    if class_ >= layout.roomy:
        colour += units % layout.page_colours * layout.page_colour
    top = layout.base + (slot - layout.first_id) * layout.unit + (layout.unit << class_) - colour
    return (top - layout.g["size"]) & -layout.g["align"]


def goroutines():
    layout = Layout()
    if layout.base == 0:
        return []
    running = {}
    m = words(layout.first_m, 1)[0]
    while m:
        g, tid = words(m + layout.m["g"], 1)[0], memory(m + layout.m["tid"], 4)
        if g:
            running[g] = struct.unpack("<i", tid)[0]
        m = words(m + layout.m["next"], 1)[0]
    found = []
    per_chunk = layout.chunk // layout.unit
    classes = memory(layout.classes, layout.chunks)
    chunk = 0
    while chunk < layout.chunks:
        class_ = classes[chunk]
        if class_ == 255:
            chunk += 1
            continue
        first = layout.first_id + chunk * per_chunk
        # As arena.rs has it: in blocks, where those of every fourth id stand together.
        block = first - first % layout.block
        table = []
        for rest in range(layout.step):
            place = block + rest * (layout.block // layout.step) + (first - block) // layout.step
            table.append(words(layout.words + place * WORD, per_chunk // layout.step))
        step = min(1 << class_, per_chunk)
        for unit in range(0, per_chunk, step):
            if table[unit % layout.step][unit // layout.step] & 3 == 0:
                continue
            try:
                g = Goroutine(layout, header(layout, first + unit, class_))
            except gdb.MemoryError:
                continue
            exists = g.slot == first + unit and g.class_ == class_ and g.id and g.state not in ("idle", "dead")
            if exists and not g.flags & layout.system:
                g.thread = running.get(g.at)
                found.append(g)
        chunk += max(1, (layout.unit << class_) // layout.chunk)
    begun = {g.id for g in found}
    found += [g for g in fresh(layout) if g.id not in begun]
    return sorted(found, key=lambda g: g.id)


def fresh(layout):
    """Those that have not begun, and have no stack."""
    step, at = 2048, layout.g["id"]
    for first in range(0, layout.seed_count, step):
        count = min(step, layout.seed_count - first)
        base = layout.seeds + first * layout.seed_size
        try:
            block = memory(base, count * layout.seed_size)
        except gdb.MemoryError:
            continue
        for number in range(count):
            if any(block[number * layout.seed_size + at:][:8]):
                g = Goroutine(layout, base + number * layout.seed_size)
                if g.state not in ("idle", "dead"):
                    yield g


class Parked(Unwinder):
    """While `to` is set, the innermost frame of the selected thread looks as if a parked goroutine had called it."""

    def __init__(self):
        super().__init__("goroutines")
        self.to = self.top = self.word = None
        self.arm = False

    def __call__(self, frame):
        if self.to is None or int(frame.read_register("sp")) != self.top:
            return None
        pc, sp, fp, base = self.to
        # Below the goroutine's frames, so that the stack seems to grow as it should.
        info = frame.create_unwind_info(FrameId(sp - 16, pc, self.word))
        names = {"rip": pc, "rsp": sp, "rbp": fp, "rbx": base}
        if self.arm:
            names = {"pc": pc, "sp": sp, "x29": fp, "x19": base}
        for name, value in names.items():
            info.add_saved_register(name, gdb.Value(value).cast(self.word))
        return info


class FrameId:
    def __init__(self, sp, pc, word):
        self.sp, self.pc = gdb.Value(sp).cast(word), gdb.Value(pc).cast(word)


PARKED = Parked()
gdb.unwinder.register_unwinder(None, PARKED, replace=True)


def in_thread(g, command):
    """Runs a command with the thread that runs `g` selected."""
    before = gdb.selected_thread()
    for thread in gdb.selected_inferior().threads():
        if g.thread in thread.ptid:
            thread.switch()
            try:
                return gdb.execute(command, to_string=True)
            finally:
                before.switch()
    raise gdb.GdbError("goroutine %d: its thread is not here" % g.id)


def backtrace(g):
    """The frames of a parked goroutine, as `bt` shows them."""
    to = g.registers()
    if to is None:
        if g.thread:
            return in_thread(g, "bt")
        return "goroutine %d is %s: it has no frames that could be shown\n" % (g.id, g.state)
    gdb.execute("frame 0", to_string=True)
    PARKED.top = int(gdb.parse_and_eval("(unsigned long)$sp"))
    PARKED.word = gdb.lookup_type("unsigned long")
    PARKED.arm = gdb.newest_frame().architecture().name().startswith("aarch64")
    PARKED.to = to
    gdb.invalidate_cached_frames()
    lines, frame = [], None
    try:
        frame = gdb.newest_frame().older()
        while frame is not None and frame.is_valid() and len(lines) < 200:
            name = frame.name() or "??"
            sal = frame.find_sal()
            place = " at %s:%d" % (sal.symtab.filename, sal.line) if sal.symtab else ""
            lines.append("#%-3d 0x%x in %s%s" % (len(lines), frame.pc(), name, place))
            if ROOT in name:
                break
            frame = frame.older()
    finally:
        PARKED.to = None
        gdb.invalidate_cached_frames()
    return "\n".join(lines) + "\n"


class InfoGoroutines(gdb.Command):
    """All goroutines: number, state, who made it; * marks those that run, with their threads."""

    def __init__(self):
        super().__init__("info goroutines", gdb.COMMAND_STACK)

    def invoke(self, _argument, _from_tty):
        for g in goroutines():
            mark = "*" if g.thread else " "
            thread = ", thread %d" % g.thread if g.thread else ""
            print("%s %-6d %s%s (created by goroutine %d)" % (mark, g.id, g.state, thread, g.parent))


class OneGoroutine(gdb.Command):
    """`goroutine N bt`: the frames of a goroutine. `goroutine all bt`: of all."""

    def __init__(self):
        super().__init__("goroutine", gdb.COMMAND_STACK)

    def invoke(self, argument, _from_tty):
        which, _, command = argument.partition(" ")
        if command.strip() not in ("bt", "backtrace", "where"):
            raise gdb.GdbError("goroutine N bt, or goroutine all bt")
        chosen = [g for g in goroutines() if which in ("all", str(g.id))]
        if not chosen:
            raise gdb.GdbError("there is no goroutine %s" % which)
        for g in chosen:
            if which == "all":
                print("goroutine %d [%s]:" % (g.id, g.state))
            print(backtrace(g))


InfoGoroutines()
OneGoroutine()
