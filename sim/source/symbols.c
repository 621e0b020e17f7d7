/* SPDX-License-Identifier: MIT */
#include "sim/source/symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

/* Published at attach as the address of the sections: the difference is where the file was loaded.
 */
#define SECTIONS_SYMBOL "subject_sections_start"

struct sim_symbols {
	const struct shim_link *link;
	GHashTable *places; /* pc -> text; looked up only */
	bool opened;
	int fd;
	Elf *elf;
	Dwarf *dwarf;
	Elf_Data *table;
	GElf_Shdr table_header;
	uint64_t bias; /* subtracted from an address of the running subject */
};

struct sim_symbols *sim_symbols_new(const struct shim_link *link)
{
	struct sim_symbols *symbols = g_new0(struct sim_symbols, 1);

	symbols->link = link;
	symbols->fd = -1;
	symbols->places = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	return symbols;
}

void sim_symbols_free(struct sim_symbols *symbols)
{
	if (!symbols)
		return;
	dwarf_end(symbols->dwarf);
	elf_end(symbols->elf);
	if (symbols->fd >= 0)
		close(symbols->fd);
	g_hash_table_unref(symbols->places);
	g_free(symbols);
}

static void find_symbols(struct sim_symbols *symbols)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(symbols->elf, section))) {
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB)
			continue;
		symbols->table = elf_getdata(section, NULL);
		symbols->table_header = header;
		return;
	}
}

static const char *symbol_at(const struct sim_symbols *symbols, size_t index, GElf_Sym *ret_symbol)
{
	if (!gelf_getsym(symbols->table, (int)index, ret_symbol))
		return NULL;
	return elf_strptr(symbols->elf, symbols->table_header.sh_link, ret_symbol->st_name);
}

static size_t symbol_count(const struct sim_symbols *symbols)
{
	return symbols->table ? symbols->table_header.sh_size / symbols->table_header.sh_entsize
	                      : 0;
}

static void find_bias(struct sim_symbols *symbols)
{
	GElf_Sym symbol;

	for (size_t i = 0; i < symbol_count(symbols); i++)
		if (g_strcmp0(symbol_at(symbols, i, &symbol), SECTIONS_SYMBOL) == 0)
			symbols->bias =
			        symbols->link->map.control->sections.address - symbol.st_value;
}

static void open_file(struct sim_symbols *symbols)
{
	if (symbols->opened)
		return;
	symbols->opened = true;
	elf_version(EV_CURRENT);
	symbols->fd = open(symbols->link->path, O_RDONLY | O_CLOEXEC);
	if (symbols->fd < 0)
		return;
	symbols->elf = elf_begin(symbols->fd, ELF_C_READ_MMAP, NULL);
	if (!symbols->elf)
		return;
	symbols->dwarf = dwarf_begin_elf(symbols->elf, DWARF_C_READ, NULL);
	find_symbols(symbols);
	find_bias(symbols);
}

/* The unit that the address belongs to; not by .debug_aranges, which not every compiler writes. */
static bool find_unit(struct sim_symbols *symbols, uint64_t address, Dwarf_Die *ret_unit)
{
	Dwarf_Off offset = 0, next;
	size_t header;

	while (symbols->dwarf &&
	       dwarf_nextcu(symbols->dwarf, offset, &next, &header, NULL, NULL, NULL) == 0) {
		if (dwarf_offdie(symbols->dwarf, offset + header, ret_unit) &&
		    dwarf_haspc(ret_unit, address) > 0)
			return true;
		offset = next;
	}
	return false;
}

/* The innermost function, inlined ones included: it is the one whose line this is. */
static const char *find_function(Dwarf_Die *unit, uint64_t address)
{
	Dwarf_Die *scopes = NULL;
	int count = dwarf_getscopes(unit, address, &scopes);
	const char *name = NULL;

	for (int i = 0; i < count && !name; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
			name = dwarf_diename(&scopes[i]);
	}
	free(scopes);
	return name;
}

static const char *unit_folder(Dwarf_Die *unit)
{
	Dwarf_Attribute attribute;

	return dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
}

const char *sim_source_path(const char *path, const char *folder)
{
	const char *at = path, *up;

	while ((up = strstr(at, "../")))
		at = up + strlen("../");
	if (at != path || !folder)
		return at;
	if (g_str_has_prefix(path, folder) && path[strlen(folder)] == '/')
		return path + strlen(folder) + 1;
	return path;
}

static char *describe(struct sim_symbols *symbols, uint64_t address)
{
	const char *file = NULL, *function = NULL;
	Dwarf_Line *line;
	Dwarf_Die unit;
	int number = 0;

	if (!find_unit(symbols, address, &unit))
		return g_strdup("an unknown place");
	function = find_function(&unit, address);
	line = dwarf_getsrc_die(&unit, address);
	if (line)
		file = dwarf_linesrc(line, NULL, NULL);
	if (!file || dwarf_lineno(line, &number) != 0)
		return g_strdup(function ? function : "an unknown place");
	return g_strdup_printf("%s:%d (%s)", sim_source_path(file, unit_folder(&unit)), number,
	                       function ? function : "no function");
}

const char *sim_symbols_place(struct sim_symbols *symbols, uint64_t pc)
{
	char *text = g_hash_table_lookup(symbols->places, &pc);

	if (text)
		return text;
	open_file(symbols);
	text = describe(symbols, pc - 1 - symbols->bias);
	g_hash_table_insert(symbols->places, g_memdup2(&pc, sizeof pc), text);
	return text;
}

char *sim_symbols_variable(struct sim_symbols *symbols, uint64_t address)
{
	GElf_Sym symbol;

	open_file(symbols);
	address -= symbols->bias;
	for (size_t i = 0; i < symbol_count(symbols); i++) {
		const char *name = symbol_at(symbols, i, &symbol);

		if (!name || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT ||
		    address - symbol.st_value >= symbol.st_size)
			continue;
		return address == symbol.st_value
		               ? g_strdup(name)
		               : g_strdup_printf("%s+0x%x", name,
		                                 (unsigned)(address - symbol.st_value));
	}
	return NULL;
}
