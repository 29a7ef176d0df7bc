package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// sealKey is the field of the seal in a manifest.
const sealKey = "seal"

// sealOf is the SHA-256, in hex, of a manifest without its seal, as JSON with sorted keys and
// numbers as written, whatever its layout and fields. The root hash covers the Items, and counts
// can be recomputed; the seal detects changes to the rest, such as the origin of the Items.
func sealOf(manifest []byte) (string, error) {
	d := json.NewDecoder(bytes.NewReader(manifest))
	d.UseNumber()
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		return "", err
	}
	delete(fields, sealKey)
	text, err := json.Marshal(fields)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

// checkSeal reports whether a manifest was changed after it was written. One of format 1 may have
// no seal; its shards show that it is of that format.
func checkSeal(manifest []byte, m *Manifest) error {
	if m.Seal == "" && m.Format < sealedFormat {
		return nil
	}
	if m.Seal == "" {
		return fmt.Errorf("it was changed by hand after it was written: it has no seal, as every manifest of format %d has", m.Format)
	}
	if now, err := sealOf(manifest); err != nil || now != m.Seal {
		return errors.Join(err, errors.New("it was changed by hand after it was written: its seal does not fit"))
	}
	return nil
}
