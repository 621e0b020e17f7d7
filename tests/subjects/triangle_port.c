/* SPDX-License-Identifier: MIT */
#include "emu/subject/subject.h"
#include "tests/subjects/triangle_code.h"

static struct subject_lock lock;

static enum ffa_status boot(const char *options)
{
	(void)options;
	subject_lock_init(&lock, "triangle", ffa_make_id(0));
	return FFA_OK;
}

void triangle_take_named(void)
{
	subject_lock_take(&lock);
}

void triangle_release_named(void)
{
	subject_lock_release(&lock);
}

static const struct subject_bare bare[] = {
#define X(name, rounds, defect, lock)                                                           \
	{"bind " #name, triangle_bind_##name, NULL}, {"set " #name, triangle_set_##name, NULL}, \
	        {"get " #name, triangle_get_##name, NULL}, {"check " #name, NULL, triangle_check},
        TRIANGLES(X)
#undef X
};

const struct subject_entries subject_entries = {
        .name = "triangle", .boot = boot, .bare = bare, .bare_count = sizeof bare / sizeof bare[0]};
