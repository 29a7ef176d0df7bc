// Package clean holds the cleaners of Items, one per file. A cleaner keeps an Item, changes it, or
// drops it with a reason; Items of other kinds pass unchanged.
//
// Decisions are part of a dataset version and must be the same on every machine: they compare
// integers, since some compilers fuse floating-point multiplications and additions.
package clean
