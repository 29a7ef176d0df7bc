// Package xla opens XLA through gomlx's PJRT backend, for devices that the program has no backend
// of its own for. It requires the build tag xla, cgo and a C compiler; XLA itself is a plugin, a
// shared library that is loaded when a device is opened and never downloaded.
package xla
