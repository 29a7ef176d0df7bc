// Package source implements the sources of Items, one per file.
package source
