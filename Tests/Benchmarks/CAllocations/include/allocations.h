#pragma once
#include <stdint.h>

/// How often this thread has asked malloc and its like for memory.
uint64_t vs_allocations(void);

/// How often of these it was the program's own code or Swift's runtime that asked, and no library of somebody else.
uint64_t vs_own_allocations(void);
