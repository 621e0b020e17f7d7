/* SPDX-License-Identifier: MIT */
#include "sim/debug/frames.h"

#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "sim/source/symbols.h"

#define SDK_FOLDER "emu/subject/"

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

struct unwinding {
	const struct shim_link *link;
	const struct shim_slot *slot;
	const struct machine *machine;
	Dwfl *dwfl;
	GPtrArray *frames;
};

static bool is_stopped(const struct shim_slot *slot)
{
	return slot->state == SHIM_SLOT_STOPPED || slot->state == SHIM_SLOT_BLOCKED;
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
	const struct unwinding *unwinding = user;
	uint64_t word;

	(void)dwfl;
	if (!read_word(unwinding->link, address, &word))
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
	const struct unwinding *unwinding = user;
	const struct machine *machine = unwinding->machine;
	uint64_t sp = unwinding->slot->sp, word;
	Dwarf_Word value = sp + 8ull * machine->size;

	if (!dwfl_thread_state_registers(thread, (int)machine->stack_register, 1, &value))
		return false;
	for (unsigned i = 0; i < machine->count; i++) {
		if (!read_word(unwinding->link, sp + 8ull * machine->words[i], &word))
			return false;
		value = word;
		if (!dwfl_thread_state_registers(thread, machine->saved[i], 1, &value))
			return false;
	}
	if (!read_word(unwinding->link, sp + 8ull * machine->pc_word, &word))
		return false;
	dwfl_thread_state_register_pc(thread, word);
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

static void add_frame(struct unwinding *unwinding, uint64_t pc, Dwarf_Die *scope, const char *file,
                      int line)
{
	struct sim_frame *frame = g_new0(struct sim_frame, 1);

	frame->pc = pc;
	frame->function = g_strdup(scope ? dwarf_diename(scope) : NULL);
	frame->file = g_strdup(file);
	frame->line = line;
	frame->sdk = frame->file && strstr(frame->file, SDK_FOLDER);
	g_ptr_array_add(unwinding->frames, frame);
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

/* The function at an address, and those into which it was inlined. */
static void add_functions(struct unwinding *unwinding, Dwfl_Module *module, uint64_t pc)
{
	Dwarf_Addr bias = 0, address = pc - 1;
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
		add_frame(unwinding, pc, &scopes[i], from_root(file, folder), line);
		added = true;
		if (tag == DW_TAG_subprogram)
			break;
		file = call_place(unit, &scopes[i], &line);
	}
	if (!added)
		add_frame(unwinding, pc, NULL, from_root(file, folder), line);
	free(scopes);
}

static int on_frame(Dwfl_Frame *state, void *user)
{
	struct unwinding *unwinding = user;
	Dwfl_Module *module;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(state, &pc, NULL) || unwinding->frames->len >= SIM_MAX_FRAMES)
		return DWARF_CB_ABORT;
	module = dwfl_addrmodule(unwinding->dwfl, pc);
	if (!module)
		return DWARF_CB_ABORT;
	add_functions(unwinding, module, pc);
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

static void unwind(struct unwinding *unwinding)
{
	static const Dwfl_Thread_Callbacks callbacks = {.next_thread = next_thread,
	                                                .memory_read = memory_read,
	                                                .set_initial_registers = set_registers};
	Dwfl_Module *module;

	dwfl_report_begin(unwinding->dwfl);
	module = dwfl_report_elf(unwinding->dwfl, "subject", unwinding->link->path, -1,
	                         find_base(unwinding->link), false);
	dwfl_report_end(unwinding->dwfl, NULL, NULL);
	unwinding->machine = module ? find_machine(unwinding->link, module) : NULL;
	if (unwinding->machine &&
	    dwfl_attach_state(unwinding->dwfl, NULL, getpid(), &callbacks, unwinding))
		dwfl_getthread_frames(unwinding->dwfl, 1, on_frame, unwinding);
}

/* The SDK's own frames are around all others: its primitives within, its entry outside. */
static void drop_sdk(GPtrArray *frames)
{
	guint own = 0;

	for (guint i = 0; i < frames->len; i++)
		own += !((const struct sim_frame *)g_ptr_array_index(frames, i))->sdk;
	if (own == 0)
		return;
	for (guint i = frames->len; i-- > 0;)
		if (((const struct sim_frame *)g_ptr_array_index(frames, i))->sdk)
			g_ptr_array_remove_index(frames, i);
}

GPtrArray *sim_frames_new(const struct shim_link *link, uint32_t context)
{
	static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_build_id_find_elf,
	                                         .find_debuginfo = dwfl_standard_find_debuginfo};
	struct unwinding unwinding = {.link = link,
	                              .slot = shim_slot(&link->map, context),
	                              .frames = g_ptr_array_new_with_free_func(free_frame)};

	if (!is_stopped(unwinding.slot))
		return unwinding.frames;
	unwinding.dwfl = dwfl_begin(&callbacks);
	if (unwinding.dwfl)
		unwind(&unwinding);
	dwfl_end(unwinding.dwfl);
	drop_sdk(unwinding.frames);
	return unwinding.frames;
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
