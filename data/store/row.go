// Package store holds versions of datasets on disk: immutable folders of Parquet shards, which
// other programs can read, with a manifest.
package store

import "atelier/data"

// A Row is a stored Item.
type Row struct {
	data.Item
	// Split is the part of the set that the Item belongs to.
	Split data.Split
	// SHA256 is the hash of the Item's bytes.
	SHA256 [32]byte
	// Changes counts the changes that cleaners made, by name.
	Changes map[string]int
}

// A DropRow is a dropped Item, with the reason.
type DropRow struct {
	// Item has its bytes only if it is one of the few examples kept of its reason.
	data.Item
	// SHA256 is the hash of the Item's bytes when it was dropped; zero if they could not be read.
	SHA256 [32]byte
	Drop   data.Drop
}
