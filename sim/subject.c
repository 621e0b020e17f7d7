/* SPDX-License-Identifier: MIT */
#include "sim/subject.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/explore/hash.h"
#include "sim/folders.h"
#include "sim/scenario/scenario.h"

#define EMULATOR "qemu-aarch64"

static const char *const names[] = {"inline", "process", "aarch64", NULL};

bool sim_subject_is_name(const char *subject)
{
	return g_strv_contains(names, subject);
}

enum sim_blame sim_subject_blame(const struct shim_link *link)
{
	bool killed = link->death && !sim_fault_is_own(link->death);

	return killed || link->stopped || sim_errno_is_resource(link->error_number)
	               ? SIM_BLAME_ENVIRONMENT
	               : SIM_BLAME_SUBJECT;
}

unsigned sim_subject_timeout(unsigned asked)
{
	return asked ? asked : SHIM_ANSWER_TIMEOUT;
}

static char *path_of_name(const struct sim_subject_request *request)
{
	bool aarch64 = strcmp(request->subject, "aarch64") == 0;
	g_autofree char *folder =
	        request->directory ? g_strdup(request->directory) : sim_folder_subjects(aarch64);
	g_autofree char *file =
	        g_strdup_printf("%s-%s%s", request->mediator, request->build,
	                        strcmp(request->subject, "inline") == 0 ? ".so" : "");

	return g_build_filename(folder, file, NULL);
}

/* A name without a folder is a file here, not one that the loader or the shell would look for. */
static char *path_of_file(const char *subject)
{
	return strchr(subject, '/') ? g_strdup(subject) : g_strconcat("./", subject, NULL);
}

/* True if the file starts like an ELF file for aarch64; unreadable files are judged by running
 * them. */
static bool is_aarch64(const char *path)
{
	Elf64_Ehdr header;
	FILE *file = fopen(path, "rb");
	bool whole;

	if (!file)
		return false;
	whole = fread(&header, sizeof header, 1, file) == 1;
	fclose(file);
	return whole && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
	       header.e_machine == EM_AARCH64;
}

static int open_path(struct shim_link *link, const char *path)
{
	const char *const native[] = {path, NULL};
	const char *const emulated[] = {EMULATOR, path, NULL};

	if (g_str_has_suffix(path, ".so"))
		return shim_link_open_inline(link, path);
	return shim_link_open_process(link, is_aarch64(path) ? emulated : native);
}

bool sim_subject_is_emulated(const struct shim_link *link)
{
	return link->pid && is_aarch64(link->path);
}

static const char *hint_of(const struct sim_subject_request *request)
{
	if (strcmp(request->subject, "aarch64") == 0)
		return "; tools/test builds the aarch64 subjects, and FFASIM_AARCH64_SUBJECT_DIR "
		       "names another folder";
	if (sim_subject_is_name(request->subject))
		return "; is it the name of a mediator, and was it built? FFASIM_SUBJECT_DIR names "
		       "another folder";
	return "; 'inline', 'process' and 'aarch64' are names, anything else is a path";
}

/* Fills in what was not asked for; answers the file. */
static char *find_path(struct sim_subject_request *request)
{
	if (!request->subject)
		request->subject = "inline";
	if (!request->build)
		request->build = "plain";
	return sim_subject_is_name(request->subject) ? path_of_name(request)
	                                             : path_of_file(request->subject);
}

char *sim_subject_path(const struct sim_subject_request *request)
{
	struct sim_subject_request filled = *request;

	return find_path(&filled);
}

void sim_subject_id(const struct sim_subject_request *request,
                    char ret_id[static SIM_SUBJECT_ID_SIZE])
{
	struct sim_subject_request filled = *request;
	g_autofree char *path = find_path(&filled);
	g_autofree char *bytes = NULL;
	uint64_t hash;
	gsize size;

	ret_id[0] = '\0';
	if (!g_file_get_contents(path, &bytes, &size, NULL))
		return;
	hash = sim_hash_bytes(SIM_HASH_SEED, (const uint8_t *)bytes, size);
	g_snprintf(ret_id, SIM_SUBJECT_ID_SIZE, "%06x", (unsigned)(hash & 0xffffff));
}

bool sim_subject_open(struct shim_link *link, const struct sim_subject_request *asked,
                      GError **error)
{
	struct sim_subject_request request = *asked;
	g_autofree char *path = find_path(&request);

	shim_link_init(link, request.timeout);
	link->entries = sim_process_entries();
	if (access(path, F_OK) != 0) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_SUBJECT, "there is no subject '%s'%s", path,
		            hint_of(&request));
		return false;
	}
	if (open_path(link, path) == 0)
		return true;
	g_set_error(error, SIM_ERROR,
	            sim_subject_blame(link) == SIM_BLAME_ENVIRONMENT ? SIM_ERROR_ENVIRONMENT
	                                                             : SIM_ERROR_SUBJECT,
	            "cannot use subject '%s': %s", path, link->error);
	shim_link_close(link);
	return false;
}
