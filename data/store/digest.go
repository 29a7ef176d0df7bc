package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"

	"atelier/data"
)

// rootSalt is a prefix of everything hashed, which separates root hashes from others.
const rootSalt = "atelier dataset 1\n"

// A rootHash collects the digests of all rows, by part.
type rootHash map[data.Split]hash.Hash

func newRootHash() rootHash {
	r := rootHash{}
	for _, p := range parts {
		r[p] = sha256.New()
	}
	return r
}

// sum is the SHA-256 of the hashes of the parts, in hex.
func (r rootHash) sum() string {
	h := sha256.New()
	h.Write([]byte(rootSalt))
	for _, p := range parts {
		h.Write(r[p].Sum(nil))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A digester computes the digests of rows: the SHA-256 of their fields, each preceded by its
// length. Times, places and names are left out.
type digester struct{ buf []byte }

func (d *digester) field(s string) {
	d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(len(s)))
	d.buf = append(d.buf, s...)
}

// row is the digest of a kept row.
func (d *digester) row(r *Row) [32]byte {
	d.buf = append(d.buf[:0], r.SHA256[:]...)
	for _, s := range []string{r.MediaType, r.Label, r.Caption, r.Group, string(r.Split)} {
		d.field(s)
	}
	d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(len(r.Changes)))
	if len(r.Changes) > 0 {
		for _, k := range slices.Sorted(maps.Keys(r.Changes)) {
			d.field(k)
			d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(r.Changes[k]))
		}
	}
	return sha256.Sum256(d.buf)
}

// drop is the digest of a dropped row.
func (d *digester) drop(r *DropRow) [32]byte {
	d.buf = d.buf[:0]
	for _, s := range []string{r.Name, r.Drop.By, r.Drop.Reason} {
		d.field(s)
	}
	return sha256.Sum256(d.buf)
}
