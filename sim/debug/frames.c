/* SPDX-License-Identifier: MIT */
#include "sim/debug/frames.h"

#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "sim/source/symbols.h"
#include "sim/subject.h"

#define SDK_FOLDER  "emu/subject/"
#define PORT_FOLDER "emu/port/"
#define PORT_TABLE  "subject_entries"

/*
 * What the SDK's switch saves on the stack of the context it leaves, lowest address first, as
 * numbers of DWARF registers; see emu/subject/fiber_*.S.
 */
struct machine {
	int type; /* EM_ */
	unsigned stack_register;
	unsigned pc_word; /* where the address to go on at is */
	unsigned size;    /* words taken off the stack by going on */
	unsigned count;
	uint8_t saved[12];
	uint8_t words[12]; /* where each of them is */
};

static const struct machine machines[] = {
        {.type = EM_X86_64,
         .stack_register = 7,
         .pc_word = 6,
         .size = 7,
         .count = 6,
         .saved = {15, 14, 13, 12, 3, 6},
         .words = {0, 1, 2, 3, 4, 5}},
        {.type = EM_AARCH64,
         .stack_register = 31,
         .pc_word = 11,
         .size = 20,
         .count = 12,
         .saved = {19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30},
         .words = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
};

/* The registers to begin with. */
struct start {
	uint64_t pc;
	uint64_t sp;
	uint64_t saved[SHIM_SAVED_REGISTERS];
	bool at_instruction; /* pc is the instruction itself and not behind a call */
};

struct sim_unwinder {
	const struct shim_link *link;
	Dwfl *dwfl; /* NULL: nothing is known */
	Dwfl_Module *subject;
	const struct machine *machine;
	char *port;         /* the source file of the port's table; NULL: unknown */
	struct start start; /* of the context whose frames are looked for, like the next */
	GPtrArray *frames;
};

static bool is_stopped(const struct shim_slot *slot)
{
	return slot->state == SHIM_SLOT_STOPPED || slot->state == SHIM_SLOT_BLOCKED;
}

/* A signal ended it: its registers are not on its stack. */
static bool has_crash_registers(const struct shim_link *link, uint32_t context)
{
	return shim_slot(&link->map, context)->state == SHIM_SLOT_CRASHED &&
	       link->map.control->crash.context == context + 1;
}

static bool read_word(const struct shim_link *link, uint64_t address, uint64_t *ret_word)
{
	uint64_t offset = address - link->state_base;

	if (offset > SHIM_STATE_SIZE - sizeof *ret_word)
		return false;
	memcpy(ret_word, link->map.state + offset, sizeof *ret_word);
	return true;
}

static bool memory_read(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *ret_word, void *user)
{
	const struct sim_unwinder *unwinder = user;
	uint64_t word;

	(void)dwfl;
	if (!read_word(unwinder->link, address, &word))
		return false;
	*ret_word = word;
	return true;
}

/* There is one thread, the context. */
static pid_t next_thread(Dwfl *dwfl, void *user, void **thread)
{
	(void)dwfl;
	if (*thread)
		return 0;
	*thread = user;
	return 1;
}

static bool set_registers(Dwfl_Thread *thread, void *user)
{
	const struct sim_unwinder *unwinder = user;
	const struct machine *machine = unwinder->machine;
	Dwarf_Word value = unwinder->start.sp;

	if (!dwfl_thread_state_registers(thread, (int)machine->stack_register, 1, &value))
		return false;
	for (unsigned i = 0; i < machine->count; i++) {
		value = unwinder->start.saved[i];
		if (!dwfl_thread_state_registers(thread, machine->saved[i], 1, &value))
			return false;
	}
	dwfl_thread_state_register_pc(thread, unwinder->start.pc);
	return true;
}

static void free_frame(gpointer data)
{
	struct sim_frame *frame = data;

	g_free(frame->function);
	g_free(frame->file);
	g_free(frame);
}

static const char *unit_folder(Dwarf_Die *unit)
{
	Dwarf_Attribute attribute;

	return unit ? dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute)) : NULL;
}

static const char *from_root(const char *path, const char *folder)
{
	return path ? sim_source_path(path, folder) : NULL;
}

static void add_frame(struct sim_unwinder *unwinder, uint64_t pc, Dwarf_Die *scope,
                      const char *file, int line)
{
	struct sim_frame *frame = g_new0(struct sim_frame, 1);

	frame->pc = pc;
	frame->function = g_strdup(scope ? dwarf_diename(scope) : NULL);
	frame->file = g_strdup(file);
	frame->line = line;
	frame->sdk = frame->file && strstr(frame->file, SDK_FOLDER);
	frame->port = frame->file && (strstr(frame->file, PORT_FOLDER) ||
	                              g_strcmp0(frame->file, unwinder->port) == 0);
	g_ptr_array_add(unwinder->frames, frame);
}

static const char *call_place(Dwarf_Die *unit, Dwarf_Die *inlined, int *ret_line)
{
	Dwarf_Attribute attribute;
	Dwarf_Files *files;
	Dwarf_Word value = 0;

	*ret_line = 0;
	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &value) == 0)
		*ret_line = (int)value;
	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &value) ||
	    dwarf_getsrcfiles(unit, &files, NULL))
		return NULL;
	return dwarf_filesrc(files, value, NULL, NULL);
}

/* The innermost scope of an address and all around it, as the code lies, not as it was written. */
static int get_scopes(Dwfl_Module *module, Dwarf_Die *unit, Dwarf_Addr address,
                      Dwarf_Die **ret_scopes)
{
	Dwarf_Addr bias;
	Dwarf_Die innermost;
	int count = dwarf_getscopes(unit, address, ret_scopes);

	if (count <= 0)
		return 0;
	dwarf_offdie(dwfl_module_getdwarf(module, &bias), dwarf_dieoffset(*ret_scopes), &innermost);
	free(*ret_scopes);
	*ret_scopes = NULL;
	return MAX(0, dwarf_getscopes_die(&innermost, ret_scopes));
}

/*
 * The function at an address, and those into which it was inlined. called: the address is behind a
 * call, which is meant.
 */
static void add_functions(struct sim_unwinder *unwinder, Dwfl_Module *module, uint64_t pc,
                          bool called)
{
	Dwarf_Addr bias = 0, address = pc - called;
	Dwarf_Die *unit = dwfl_module_addrdie(module, address, &bias), *scopes = NULL;
	Dwfl_Line *at = dwfl_module_getsrc(module, address);
	int line = 0, count = unit ? get_scopes(module, unit, address - bias, &scopes) : 0;
	const char *file = at ? dwfl_lineinfo(at, NULL, &line, NULL, NULL, NULL) : NULL;
	const char *folder = unit_folder(unit);
	bool added = false;

	for (int i = 0; i < count; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine)
			continue;
		add_frame(unwinder, pc, &scopes[i], from_root(file, folder), line);
		added = true;
		if (tag == DW_TAG_subprogram)
			break;
		file = call_place(unit, &scopes[i], &line);
	}
	if (!added)
		add_frame(unwinder, pc, NULL, from_root(file, folder), line);
	free(scopes);
}

/* Frames of the C library, in which abort() ends, tell nothing of the mediator. */
static int on_frame(Dwfl_Frame *state, void *user)
{
	struct sim_unwinder *unwinder = user;
	bool first = unwinder->start.at_instruction;
	Dwfl_Module *module;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(state, &pc, NULL) || unwinder->frames->len >= SIM_MAX_FRAMES)
		return DWARF_CB_ABORT;
	unwinder->start.at_instruction = false;
	module = dwfl_addrmodule(unwinder->dwfl, pc);
	if (!module)
		return DWARF_CB_ABORT;
	if (module == unwinder->subject)
		add_functions(unwinder, module, pc, !first);
	return DWARF_CB_OK;
}

/* Where the subject's file was loaded; a program of another process lies where it was linked. */
static uint64_t find_base(const struct shim_link *link)
{
	Dl_info info;

	if (!link->subject || !dladdr(link->subject, &info))
		return 0;
	return (uint64_t)(uintptr_t)info.dli_fbase;
}

/* NULL: no machine of ours, or a program that may lie anywhere. */
static const struct machine *find_machine(const struct shim_link *link, Dwfl_Module *module)
{
	GElf_Addr bias;
	GElf_Ehdr header;
	Elf *elf = dwfl_module_getelf(module, &bias);

	if (!elf || !gelf_getehdr(elf, &header) || (!link->subject && header.e_type != ET_EXEC))
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(machines); i++)
		if (machines[i].type == header.e_machine)
			return &machines[i];
	return NULL;
}

/* A line of /proc/PID/maps. */
struct mapping {
	uint64_t start, end, offset;
	const char *path; /* part of the line */
};

/* False: it maps no file. */
static bool read_mapping(const char *line, struct mapping *ret_mapping)
{
	char *end;

	ret_mapping->start = g_ascii_strtoull(line, &end, 16);
	if (*end != '-')
		return false;
	ret_mapping->end = g_ascii_strtoull(end + 1, &end, 16);
	if (!g_str_has_prefix(end, " ") || strlen(end) < strlen(" r-xp "))
		return false;
	ret_mapping->offset = g_ascii_strtoull(end + strlen(" r-xp "), NULL, 16);
	ret_mapping->path = strchr(end, '/');
	return ret_mapping->path;
}

/* The library that holds the address, of the process that the subject runs in. */
static void add_library(struct sim_unwinder *unwinder, uint64_t address)
{
	pid_t pid = unwinder->link->subject ? getpid() : unwinder->link->pid;
	g_autofree char *maps = g_strdup_printf("/proc/%d/maps", (int)pid);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	struct mapping mapping;
	uint64_t base = 0;

	if (!g_file_get_contents(maps, &text, NULL, NULL))
		return;
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		if (!read_mapping(*line, &mapping))
			continue;
		if (mapping.offset == 0)
			base = mapping.start;
		if (address < mapping.start || address >= mapping.end)
			continue;
		dwfl_report_begin_add(unwinder->dwfl);
		dwfl_report_elf(unwinder->dwfl, mapping.path, mapping.path, -1, base, false);
		dwfl_report_end(unwinder->dwfl, NULL, NULL);
		return;
	}
}

/* Called through a pointer that leads nowhere: it is as if the callee had returned at once. */
static void leave_nowhere(struct sim_unwinder *unwinder)
{
	struct start *start = &unwinder->start;
	const struct machine *machine = unwinder->machine;

	start->at_instruction = false;
	if (machine->type == EM_AARCH64) {
		start->pc = start->saved[machine->count - 1];
		return;
	}
	if (read_word(unwinder->link, start->sp, &start->pc))
		start->sp += sizeof start->pc;
}

/* Whatever the pc of a crash lies in has to be known for the rest to be found. */
static void find_crash(struct sim_unwinder *unwinder)
{
	uint64_t pc = unwinder->start.pc;

	if (!dwfl_addrmodule(unwinder->dwfl, pc) && !sim_subject_is_emulated(unwinder->link))
		add_library(unwinder, pc);
	if (!dwfl_addrmodule(unwinder->dwfl, pc))
		leave_nowhere(unwinder);
}

static bool start_stopped(struct sim_unwinder *unwinder, uint64_t sp)
{
	const struct machine *machine = unwinder->machine;
	struct start *start = &unwinder->start;

	start->sp = sp + 8ull * machine->size;
	for (unsigned i = 0; i < machine->count; i++)
		if (!read_word(unwinder->link, sp + 8ull * machine->words[i], &start->saved[i]))
			return false;
	return read_word(unwinder->link, sp + 8ull * machine->pc_word, &start->pc);
}

static bool find_start(struct sim_unwinder *unwinder, uint32_t context)
{
	const struct shim_crash *crash = &unwinder->link->map.control->crash;
	struct start *start = &unwinder->start;

	if (!has_crash_registers(unwinder->link, context))
		return start_stopped(unwinder, shim_slot(&unwinder->link->map, context)->sp);
	start->at_instruction = true;
	start->pc = crash->pc;
	start->sp = crash->sp;
	memcpy(start->saved, crash->saved, sizeof start->saved);
	find_crash(unwinder);
	return true;
}

/* Whether the unit defines the table of entries, and does not only declare it. */
static bool has_table(Dwarf_Die *unit)
{
	Dwarf_Attribute attribute;
	Dwarf_Die die;
	bool more = dwarf_child(unit, &die) == 0;

	for (; more; more = dwarf_siblingof(&die, &die) == 0) {
		Dwarf_Die origin;
		const char *name = dwarf_diename(&die);

		if (dwarf_tag(&die) != DW_TAG_variable || !dwarf_hasattr(&die, DW_AT_location))
			continue;
		if (!name &&
		    dwarf_formref_die(dwarf_attr(&die, DW_AT_specification, &attribute), &origin))
			name = dwarf_diename(&origin);
		if (g_strcmp0(name, PORT_TABLE) == 0)
			return true;
	}
	return false;
}

static void find_port(struct sim_unwinder *unwinder)
{
	Dwarf_Addr bias;
	Dwarf_Die *unit = NULL;

	while (!unwinder->port && (unit = dwfl_module_nextcu(unwinder->subject, unit, &bias)))
		if (has_table(unit))
			unwinder->port =
			        g_strdup(from_root(dwarf_diename(unit), unit_folder(unit)));
}

/* False: what the file is of cannot be unwound here. */
static bool open_file(struct sim_unwinder *unwinder)
{
	static const Dwfl_Thread_Callbacks callbacks = {.next_thread = next_thread,
	                                                .memory_read = memory_read,
	                                                .set_initial_registers = set_registers};

	dwfl_report_begin(unwinder->dwfl);
	unwinder->subject = dwfl_report_elf(unwinder->dwfl, "subject", unwinder->link->path, -1,
	                                    find_base(unwinder->link), false);
	dwfl_report_end(unwinder->dwfl, NULL, NULL);
	if (unwinder->subject) {
		unwinder->machine = find_machine(unwinder->link, unwinder->subject);
		find_port(unwinder);
	}
	return unwinder->machine &&
	       dwfl_attach_state(unwinder->dwfl, NULL, getpid(), &callbacks, unwinder);
}

struct sim_unwinder *sim_unwinder_new(const struct shim_link *link)
{
	static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_build_id_find_elf,
	                                         .find_debuginfo = dwfl_standard_find_debuginfo};
	struct sim_unwinder *unwinder = g_new0(struct sim_unwinder, 1);

	unwinder->link = link;
	unwinder->dwfl = dwfl_begin(&callbacks);
	if (!unwinder->dwfl || open_file(unwinder))
		return unwinder;
	dwfl_end(unwinder->dwfl);
	unwinder->dwfl = NULL;
	return unwinder;
}

void sim_unwinder_free(struct sim_unwinder *unwinder)
{
	if (!unwinder)
		return;
	dwfl_end(unwinder->dwfl);
	g_free(unwinder->port);
	g_free(unwinder);
}

static const struct sim_frame *frame_at(const GPtrArray *frames, guint i)
{
	return g_ptr_array_index(frames, i);
}

/*
 * The SDK's own frames are around all others: its primitives within, its entry outside. So are,
 * innermost, those of a C library that is part of the file, in which nothing is known.
 */
static void drop_others(GPtrArray *frames)
{
	guint own = 0, unknown = 0;

	while (unknown < frames->len && !frame_at(frames, unknown)->file)
		unknown++;
	if (unknown < frames->len)
		g_ptr_array_remove_range(frames, 0, unknown);
	for (guint i = 0; i < frames->len; i++)
		own += !frame_at(frames, i)->sdk;
	for (guint i = frames->len; own && i-- > 0;)
		if (frame_at(frames, i)->sdk)
			g_ptr_array_remove_index(frames, i);
}

GPtrArray *sim_frames_new(struct sim_unwinder *unwinder, uint32_t context)
{
	const struct shim_slot *slot = shim_slot(&unwinder->link->map, context);
	GPtrArray *frames = g_ptr_array_new_with_free_func(free_frame);

	if (!unwinder->dwfl || (!is_stopped(slot) && slot->state != SHIM_SLOT_CRASHED))
		return frames;
	unwinder->frames = frames;
	if (find_start(unwinder, context))
		dwfl_getthread_frames(unwinder->dwfl, 1, on_frame, unwinder);
	unwinder->frames = NULL;
	drop_others(frames);
	return frames;
}

uint64_t sim_frames_resume_pc(const struct shim_link *link, uint32_t context)
{
	const struct shim_slot *slot = shim_slot(&link->map, context);
	uint64_t pc = 0;

	/* of this machine: the only one whose debugger can stop there */
#if defined(__x86_64__)
	if (is_stopped(slot))
		read_word(link, slot->sp + 8ull * machines[0].pc_word, &pc);
#elif defined(__aarch64__)
	if (is_stopped(slot))
		read_word(link, slot->sp + 8ull * machines[1].pc_word, &pc);
#endif
	return pc;
}

const struct sim_frame *sim_frames_place(const GPtrArray *frames)
{
	const struct sim_frame *first = frames->len ? frame_at(frames, 0) : NULL;

	for (guint i = 0; i < frames->len; i++) {
		const struct sim_frame *frame = frame_at(frames, i);

		if (!frame->sdk && frame->file && !frame->port)
			return frame;
	}
	return first && !first->sdk ? first : NULL;
}

uint32_t sim_frames_inner(const GPtrArray *frames, const struct sim_frame *frame)
{
	uint32_t count = 0;

	for (guint i = 0; i < frames->len && frame_at(frames, i) != frame; i++)
		count += frame_at(frames, i)->pc == frame->pc;
	return count;
}

char *sim_frames_short_place(const GPtrArray *frames)
{
	const struct sim_frame *frame = sim_frames_place(frames);
	g_autofree char *base = NULL;

	if (!frame || !frame->file || frame->port)
		return NULL;
	base = g_path_get_basename(frame->file);
	return g_strdup_printf("%s:%d", base, frame->line);
}

void sim_frames_append(GString *out, const GPtrArray *frames, const char *indent)
{
	for (guint i = 0; i < frames->len; i++) {
		const struct sim_frame *frame = frame_at(frames, i);

		g_string_append_printf(out, "%s#%u %s", indent, i,
		                       frame->function ? frame->function : "?");
		if (frame->file)
			g_string_append_printf(out, " at %s:%d", frame->file, frame->line);
	}
}
