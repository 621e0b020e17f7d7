/* SPDX-License-Identifier: MIT */
/*
 * subject_fiber_jump: rdi is where to save, rsi what to load, rcx where to go on when resumed.
 *
 * Neither called nor left by ret: the processor's return stack stays level, and what it remembers
 * of the brain's frames stays true (facts concurrency.md section 4). Not named like the function
 * of internal.h that jumps here: where that is not inlined, it would jump to itself.
 */
	.text
	.globl	subject_fiber_jump
	.hidden	subject_fiber_jump
	.type	subject_fiber_jump, @function
subject_fiber_jump:
	pushq	%rcx
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	popq	%rcx
	jmp	*%rcx
	.size	subject_fiber_jump, . - subject_fiber_jump
	.section .note.GNU-stack, "", %progbits
