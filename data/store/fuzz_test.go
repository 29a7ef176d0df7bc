package store

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"
)

func FuzzManifest(f *testing.F) {
	text, err := os.ReadFile(filepath.Join(golden, ManifestName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	for i := 0; i < len(text); i += 64 {
		f.Add(text[:i])
	}
	f.Add([]byte(`{"format":1,"version":1,"name":"x","root":"","shards":[{"path":"../../etc/passwd"}]}`))
	f.Add(bytes.Repeat([]byte(`[`), 1<<16))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseManifest(text)
		if err != nil {
			return
		}
		for _, s := range m.Shards {
			if !filepath.IsLocal(filepath.FromSlash(s.Path)) {
				t.Errorf("a shard at %q", s.Path)
			}
		}
		again, err := m.encode()
		if err == nil {
			_, err = parseManifest(again)
		}
		if err != nil {
			t.Errorf("does not survive being written: %v", err)
		}
	})
}

// shardMemory limits the allocations, in bytes, for a hostile shard of the fuzzer's size.
const shardMemory = 256 << 20

func FuzzShard(f *testing.F) {
	f.Add([]byte("PAR1\xff\xff\xff\xffPAR1"))
	for _, name := range []string{"data/train-00000.parquet", "data/test-00000.parquet", "dropped.parquet"} {
		b, err := os.ReadFile(filepath.Join(golden, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		for i := 0; i < len(b); i += len(b)/8 + 1 {
			f.Add(b[:i])
			flipped := bytes.Clone(b)
			flipped[i] ^= 0x55
			f.Add(flipped)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := allocated()
		r, err := newReader(bytes.NewReader(b), int64(len(b)))
		for rows := 0; err == nil; rows++ {
			row, e := r.next()
			if err = e; err == nil {
				r.decoder.row(row, "train")
				r.decoder.drop(row)
			}
			if rows > 1<<16 {
				break
			}
		}
		r.close()
		if n := allocated() - before; n > shardMemory {
			t.Errorf("%d bytes of Parquet take %d MiB of memory (%v)", len(b), n>>20, err)
		}
	})
}

func FuzzForgotten(f *testing.F) {
	f.Add([]byte(`{"format":1,"sha256":["` + strings.Repeat("0f", 32) + `"]}`))
	f.Add([]byte(`{"format":1,"sha256":["0F"]}`))
	f.Add([]byte(`{"format":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		sums, err := parseForgotten(text)
		if err != nil {
			return
		}
		again, err := encodeForgotten(sums)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseForgotten(again); err != nil {
			t.Fatal(err)
		}
	})
}

// allocated is the total number of bytes allocated; unlike runtime.ReadMemStats it does not stop
// the world.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
