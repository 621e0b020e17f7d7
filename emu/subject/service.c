/* SPDX-License-Identifier: MIT */
/* What the world does for a mediator, and the small things a port needs. */
#include <stdio.h>
#include <string.h>

#include "emu/subject/internal.h"

void subject_smc(struct ffa_regs *regs)
{
	struct shim_slot *slot = subject_slot();

	slot->regs = *regs;
	subject_point(SHIM_POINT_SMC, 0, 0, 0, 0);
	*regs = slot->regs;
}

enum shim_inject subject_inject(struct ffa_id vm, uint16_t vcpu, uint32_t intid)
{
	subject_point(SHIM_POINT_INJECT, 0, vm.v, vcpu, intid);
	return (enum shim_inject)subject_slot()->result;
}

bool subject_vcpu_online(struct ffa_id vm, uint16_t vcpu)
{
	subject_point(SHIM_POINT_ONLINE, 0, vm.v, vcpu, 0);
	return subject_slot()->result != 0;
}

static void *memory_at(uint64_t physical)
{
	uint64_t offset = physical - SHIM_PHYSICAL_BASE;

	if (physical < SHIM_PHYSICAL_BASE || offset >= SHIM_MEMORY_SIZE)
		return NULL;
	return subject_sdk.map.memory + offset;
}

void *subject_page_alloc(uint64_t *ret_physical)
{
	void *page;

	subject_point(SHIM_POINT_PAGE_ALLOC, 0, 0, 0, 0);
	*ret_physical = subject_slot()->result;
	page = memory_at(*ret_physical);
	return page ? memset(page, 0, SHIM_PAGE) : NULL;
}

void subject_page_free(uint64_t physical)
{
	subject_point(SHIM_POINT_PAGE_FREE, 0, physical, 0, 0);
}

void *subject_map_page(struct ffa_id vm, uint64_t address, uint64_t *ret_physical)
{
	subject_point(SHIM_POINT_MAP, 0, vm.v, address, 0);
	*ret_physical = subject_slot()->result;
	return memory_at(*ret_physical);
}

void subject_unmap_page(const void *page)
{
	uint64_t offset = (uint64_t)((const uint8_t *)page - subject_sdk.map.memory);

	subject_point(SHIM_POINT_UNMAP, 0, SHIM_PHYSICAL_BASE + offset, 0, 0);
}

void subject_defer(uint32_t work)
{
	if (work >= SHIM_MAX_WORK)
		subject_fault(SHIM_FAULT_LIMIT,
		              "the number of deferred work is not below SHIM_MAX_WORK");
	subject_point(SHIM_POINT_DEFER, 0, work, 0, 0);
}

void subject_timer_set(uint32_t timer, uint64_t nanoseconds)
{
	if (timer >= SHIM_MAX_WORK)
		subject_fault(SHIM_FAULT_LIMIT, "the number of a timer is not below SHIM_MAX_WORK");
	subject_point(SHIM_POINT_TIMER_SET, 0, timer, nanoseconds, 0);
}

void subject_interrupt_window(void)
{
	subject_point(SHIM_POINT_WINDOW, 0, 0, 0, 0);
}

void subject_vm_release(struct ffa_id vm)
{
	subject_point(SHIM_POINT_VM_RELEASE, 0, vm.v, 0, 0);
}

void subject_log(uint32_t level, const char *text, uint64_t value)
{
	struct shim_control *control = subject_sdk.control;

	snprintf(control->log, SHIM_ERROR_SIZE, "%s", text);
	subject_point(SHIM_POINT_LOG, 0, level, value, 0);
	/* there is room for one text: it must be read before the next is written */
	if (control->events & SHIM_MASK(LOG) && !(control->mask & SHIM_MASK(LOG)))
		subject_stop(SHIM_SLOT_DRAIN);
}

/* The value of the option line that starts at line, or NULL if its key is another one. */
static const char *value_of(const char *line, const char *key)
{
	size_t length = strlen(key);

	return strncmp(line, key, length) == 0 && line[length] == '=' ? line + length + 1 : NULL;
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

bool subject_option(const char *options, const char *key, char *ret_value, size_t size)
{
	for (const char *line = options; *line; line = next_line(line)) {
		const char *value = value_of(line, key);

		if (value) {
			snprintf(ret_value, size, "%.*s", (int)strcspn(value, "\n"), value);
			return true;
		}
	}
	return false;
}

bool subject_options_known(const char *options, const char *const *keys)
{
	for (const char *line = options; *line; line = next_line(line)) {
		const char *const *key = keys;

		while (*key && !value_of(line, *key))
			key++;
		if (!*key) {
			snprintf(subject_sdk.control->error, SHIM_ERROR_SIZE,
			         "unknown machine option '%.*s'", (int)strcspn(line, "=\n"), line);
			return false;
		}
	}
	return true;
}

void subject_profile(const char *words)
{
	snprintf(subject_sdk.control->profile, SHIM_PROFILE_SIZE, "%s", words);
}
