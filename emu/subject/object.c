/* SPDX-License-Identifier: MIT */
/* Named objects: spin locks whose holder is part of the state, so that the brain sees who waits. */
#include <string.h>

#include "emu/subject/internal.h"

/* Tag of an initialised lock, above the object's index + 1. */
#define LOCK_TAG 0x4c4f434b00000000ull

static void pack_name(const struct shim_object *object, uint64_t *ret_name)
{
	ret_name[0] = 0;
	ret_name[1] = (uint64_t)object->owner << 48;
	memcpy(ret_name, object->class_name, SHIM_CLASS_SIZE);
}

/* The event carries the name: by the time the brain reads it the object may be gone. */
static void lock_event(enum shim_point point, uint32_t number, uint32_t flags, uint32_t holder)
{
	const struct shim_object *object = &subject_sdk.core->objects[number - 1];
	uint64_t name[2];

	pack_name(object, name);
	subject_event(point, number, flags, name[0], name[1], holder);
}

static uint32_t find_free_object(struct shim_core *core)
{
	uint32_t index = 0;

	while (index < core->object_top && core->objects[index].kind != SHIM_OBJECT_FREE)
		index++;
	if (index == SHIM_MAX_OBJECTS)
		subject_fault(SHIM_FAULT_LIMIT, "more named objects than SHIM_MAX_OBJECTS");
	if (index == core->object_top)
		core->object_top++;
	return index;
}

void subject_lock_init(struct subject_lock *lock, const char *class_name, struct ffa_id owner)
{
	struct shim_core *core = subject_sdk.core;
	uint32_t index = find_free_object(core);
	struct shim_object *object = &core->objects[index];
	size_t length = strlen(class_name);

	if (length >= SHIM_CLASS_SIZE)
		subject_fault(SHIM_FAULT_LIMIT, "the class name of a lock exceeds SHIM_CLASS_SIZE");
	memset(object, 0, sizeof *object);
	memcpy(object->class_name, class_name, length);
	object->owner = owner.v;
	object->kind = SHIM_OBJECT_LOCK;
	core->object_live++;
	lock->object = LOCK_TAG | (index + 1);
}

/* The number of a lock's object. A lock that was never initialised, or is finished, is a finding.
 */
static uint32_t number_of(const struct subject_lock *lock)
{
	uint32_t number = (uint32_t)lock->object;

	if ((lock->object & ~0xffffffffull) != LOCK_TAG || number == 0 ||
	    number > subject_sdk.core->object_top ||
	    subject_sdk.core->objects[number - 1].kind != SHIM_OBJECT_LOCK)
		subject_fault(SHIM_FAULT_OBJECT, NULL);
	return number;
}

/* Others may have run since the lock was last looked at: it is looked up anew each time. */
static struct shim_object *object_of(const struct subject_lock *lock)
{
	return &subject_sdk.core->objects[number_of(lock) - 1];
}

void subject_lock_fini(struct subject_lock *lock)
{
	struct shim_core *core = subject_sdk.core;
	struct shim_object *object = object_of(lock);

	if (object->holder)
		subject_fault(SHIM_FAULT_OBJECT, "a lock was finished while it was held");
	memset(object, 0, sizeof *object);
	core->object_live--;
	while (core->object_top && core->objects[core->object_top - 1].kind == SHIM_OBJECT_FREE)
		core->object_top--;
	lock->object = 0;
}

void subject_lock_take(struct subject_lock *lock)
{
	uint32_t number = number_of(lock), me = subject_sdk.current + 1;
	struct shim_object *object;

	subject_point(SHIM_POINT_LOCK, number, 0, 0, 0);
	object = object_of(lock);
	if (object->holder == me)
		subject_fault(SHIM_FAULT_RELOCK, NULL);
	if (object->holder)
		lock_event(SHIM_POINT_LOCK, number, SHIM_EVENT_BLOCKED, object->holder);
	while (object->holder) {
		subject_stop(SHIM_SLOT_BLOCKED);
		object = object_of(lock);
	}
	object->holder = (uint8_t)me;
	lock_event(SHIM_POINT_LOCKED, number, 0, 0);
}

bool subject_lock_try(struct subject_lock *lock)
{
	uint32_t number = number_of(lock);
	struct shim_object *object;

	subject_point(SHIM_POINT_TRYLOCK, number, 0, 0, 0);
	object = object_of(lock);
	if (object->holder) {
		lock_event(SHIM_POINT_LOCKED, number, SHIM_EVENT_FAILED, 0);
		return false;
	}
	object->holder = (uint8_t)(subject_sdk.current + 1);
	lock_event(SHIM_POINT_LOCKED, number, SHIM_EVENT_TRIED, 0);
	return true;
}

void subject_lock_release(struct subject_lock *lock)
{
	uint32_t number = number_of(lock);
	struct shim_object *object;
	uint64_t name[2];

	subject_point(SHIM_POINT_UNLOCK, number, 0, 0, 0);
	object = object_of(lock);
	if (object->holder != subject_sdk.current + 1)
		subject_fault(SHIM_FAULT_UNLOCK, NULL);
	object->holder = 0;
	pack_name(object, name);
	subject_point(SHIM_POINT_UNLOCKED, number, name[0], name[1], 0);
}
