package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"atelier/data"
	"atelier/data/cards"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/vectors"
)

// A searched is a set that can be searched.
type searched struct {
	source   data.Source
	place    string // identifies it on this machine
	pictured bool   // whether its first work is a picture
}

// openSet opens a dataset by name, or else a folder, an archive or a set that comes with the program.
func openSet(ctx context.Context, in Set) (*searched, error) {
	s := &searched{place: string(in)}
	if set, hash := datasetOf(ctx, in); set != nil {
		s.source, s.place = set, "dataset "+hash
	} else {
		found, err := data.Resolve(string(in))
		if err != nil {
			return nil, err
		}
		if _, far := found.Value.(*cards.Set); far {
			return nil, badinput.Errorf("%s is not on this machine yet: atelier data add %s", in, in)
		}
		s.source = found.Value
		if l, ok := found.Value.(data.Local); ok {
			if path, err := filepath.Abs(l.LocalPath()); err == nil {
				s.place = path
			}
		}
	}
	for it, err := range s.works(ctx) {
		if err != nil {
			return nil, err
		}
		s.pictured = isPicture(it)
		break
	}
	return s, nil
}

func isPicture(it data.Item) bool { return strings.HasPrefix(it.MediaType, "image/") }

// works yields the works of both parts that can be used.
func (s *searched) works(ctx context.Context) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for _, split := range []data.Split{data.Train, data.Test} {
			for it, err := range s.source.Items(ctx, split) {
				if drop := (*data.Drop)(nil); errors.As(err, &drop) {
					continue
				}
				if err != nil {
					yield(it, badinput.Mark(err))
					return
				}
				if !yield(it, nil) {
					return
				}
			}
		}
	}
}

// state changes with the works of the set; empty if only reading them tells.
func (s *searched) state(ctx context.Context) string {
	if v, ok := s.source.(data.Versioned); ok {
		if hash, err := v.VersionHash(ctx); err == nil {
			return hash
		}
	}
	l, ok := s.source.(data.Local)
	if !ok {
		return ""
	}
	sum := sha256.New()
	err := filepath.WalkDir(l.LocalPath(), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			fmt.Fprintf(sum, "%q %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		}
		return err
	})
	if err != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// mostIndex is the largest file of an index that is read, in bytes.
const mostIndex = 4 << 30

// file is the file of the index in a space, empty if there is no place for it on this machine. It
// lies among what is made from datasets, which is deleted when works are erased.
func (s *searched) file(env *Env, in space) string {
	if env.Studio.Cache == "" {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", s.place, in.name()))
	return filepath.Join(env.Studio.Cache, "search", hex.EncodeToString(sum[:12]))
}

// index is the index of the pictures of the set in a space: the one that was kept if it still holds,
// or else one with the vectors that it has of the same pictures and those of the others, of which it
// returns the number. It is then kept.
func (s *searched) index(ctx context.Context, env *Env, in space) (x *vectors.Index, added int, err error) {
	file, old := s.file(env, in), &vectors.Index{}
	if file != "" {
		if b, err := durable.ReadFile(file, mostIndex); err == nil {
			if kept, err := vectors.Decode(b); err == nil && kept.Space == in.name() && (kept.Width == in.width() || len(kept.Works) == 0) {
				old = kept
			}
		}
	}
	state := s.state(ctx)
	if state != "" && state == old.State {
		return old, 0, nil
	}
	x = &vectors.Index{Space: in.name(), State: state, Width: in.width()}
	if added, err = s.fill(ctx, env, in, x, old); err != nil {
		return nil, 0, err
	}
	if len(x.Works) == 0 {
		return nil, 0, badinput.Errorf("%s has no picture that can be read", s.place)
	}
	if file == "" || added == 0 && len(old.Works) == len(x.Works) && state == "" {
		return x, added, nil
	}
	b, err := x.Encode()
	if err != nil {
		return nil, 0, err
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), durable.WriteFile(file, b)); err != nil {
		env.notice(fmt.Sprintf("the index cannot be kept, and is made again the next time: %s", strings.ReplaceAll(err.Error(), "\n", "; ")))
	}
	return x, added, nil
}

// indexed is the number of pictures that are embedded at a time.
const indexed = 240

// A filling is an index while it is made.
type filling struct {
	in      space
	x, old  *vectors.Index
	known   map[string]int // works of the old one by hash
	works   []vectors.Work // that wait for their vectors
	files   [][]byte       // nil where the vector is known
	added   int
	skipped int
}

// fill adds all pictures of the set to an index. What the old one has is not embedded again.
func (s *searched) fill(ctx context.Context, env *Env, in space, x, old *vectors.Index) (added int, err error) {
	f := &filling{in: in, x: x, old: old, known: old.BySum()}
	for it, err := range s.works(ctx) {
		if err != nil {
			return f.added, err
		}
		if !isPicture(it) {
			f.skipped++
			continue
		}
		sum := sha256.Sum256(it.Bytes)
		w := vectors.Work{Name: it.Name, Sum: hex.EncodeToString(sum[:]), Label: it.Label, Caption: it.Caption}
		if _, has := f.known[w.Sum]; has {
			it.Bytes = nil
		}
		f.works, f.files = append(f.works, w), append(f.files, it.Bytes)
		if len(f.works) < indexed {
			continue
		}
		if err := f.embed(ctx); err != nil {
			return f.added, err
		}
		if env.Working != nil && f.added > 0 {
			env.Working("indexing pictures:", len(x.Works), 0)
		}
	}
	if err := f.embed(ctx); err != nil {
		return f.added, err
	}
	if f.skipped > 0 {
		env.notice(fmt.Sprintf("skipped %s that are no pictures or cannot be read", Counted(f.skipped, "file")))
	}
	return f.added, nil
}

// embed adds the works that wait, in order.
func (f *filling) embed(ctx context.Context) error {
	var fresh [][]byte
	for _, file := range f.files {
		if file != nil {
			fresh = append(fresh, file)
		}
	}
	rows, faults, err := embedAll(ctx, f.in, fresh)
	if err != nil {
		return err
	}
	for i, w := range f.works {
		if f.files[i] == nil {
			f.x.Add(w, f.old.Row(f.known[w.Sum]))
			continue
		}
		if faults[0] == nil {
			f.x.Add(w, rows[0])
			f.added++
		} else {
			f.skipped++
		}
		rows, faults = rows[1:], faults[1:]
	}
	f.works, f.files = f.works[:0], f.files[:0]
	return nil
}

// bytesOf reads the works that were found, in order.
func (s *searched) bytesOf(ctx context.Context, hits []FoundHit) ([][]byte, error) {
	at := map[string][]int{}
	for i, h := range hits {
		at[h.Name] = append(at[h.Name], i)
	}
	files, left := make([][]byte, len(hits)), len(hits)
	for it, err := range s.works(ctx) {
		if err != nil {
			return nil, err
		}
		for _, i := range at[it.Name] {
			if files[i] == nil {
				files[i], left = it.Bytes, left-1
			}
		}
		if left == 0 {
			return files, nil
		}
	}
	return nil, badinput.Errorf("the set has changed during the search; repeat it")
}
