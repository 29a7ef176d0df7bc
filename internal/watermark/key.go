package watermark

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// A Key is what a mark is made and found with. Who has it can find, imitate and remove the mark.
type Key struct{ secret []byte }

// KeySize is the length of a key in bytes.
const KeySize = 32

// OpenKey reads a key from a file of [KeySize] bytes, which is made with a random key if there is none
// and create is set, so that only the user can read it.
func OpenKey(path string, create bool) (*Key, error) {
	var fresh func() ([]byte, error)
	if create {
		fresh = func() ([]byte, error) {
			secret := make([]byte, KeySize)
			_, err := rand.Read(secret)
			return secret, err
		}
	}
	secret, err := durable.Secret(path, KeySize, fresh)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	k, err := ParseKey(secret)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", path, err)
	}
	return k, nil
}

// ParseKey reads a key of [KeySize] bytes.
func ParseKey(secret []byte) (*Key, error) {
	if len(secret) != KeySize {
		return nil, badinput.Errorf("want a key of %d bytes, got %d", KeySize, len(secret))
	}
	return &Key{secret}, nil
}

// Fingerprint names a key without giving it away.
func (k *Key) Fingerprint() string {
	return hex.EncodeToString(k.derived("fingerprint"))[:16]
}

// derived is a text of 32 bytes that belongs to the key.
func (k *Key) derived(purpose string) []byte {
	h := hmac.New(sha256.New, k.secret)
	h.Write([]byte("atelier watermark 1, " + purpose))
	return h.Sum(nil)
}

// pattern is the mark: a sign per bit derived from the key.
func (k *Key) pattern() *pattern {
	out := new(pattern)
	for i := range out {
		bits := k.derived("band " + string(rune('a'+i)))
		for cell := range out[i] {
			out[i][cell] = float32(int(bits[cell/8]>>(cell%8)&1)*2 - 1)
		}
	}
	return out
}
