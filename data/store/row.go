// Package store holds versions of datasets on disk: immutable folders of Parquet
// shards with a manifest that other programs read as well.
package store

import "atelier/data"

// A Row is an Item as it is stored.
type Row struct {
	data.Item
	// Split is the part of the set that the Item belongs to.
	Split data.Split
	// SHA256 is the hash of the Item's bytes.
	SHA256 [32]byte
	// Changes counts what cleaners changed, by what they call it.
	Changes map[string]int
}

// A DropRow is an Item that was not taken, and why.
type DropRow struct {
	// Item keeps its bytes only where it is one of the few examples of its reason.
	data.Item
	// SHA256 is the hash of the Item's bytes as they were when it was dropped; zero if
	// they could not be read.
	SHA256 [32]byte
	Drop   data.Drop
}
