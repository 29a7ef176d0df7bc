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
	"strconv"
	"strings"

	"atelier/data"
	"atelier/data/cards"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
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
	if stored, err := registry.Make[data.Source]("stored", "name="+strconv.Quote(string(in))); err == nil {
		if hash, err := stored.Value.(data.Versioned).VersionHash(ctx); err == nil {
			s.source, s.place = stored.Value, "dataset "+hash
		}
	}
	if s.source == nil {
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
		env.notice(fmt.Sprintf("the index cannot be kept, and is made again the next time: %v", err))
	}
	return x, added, nil
}

// indexed is the number of pictures that are embedded at a time.
const indexed = 240

// fill adds all pictures of the set to an index. What the old one has is not embedded again.
func (s *searched) fill(ctx context.Context, env *Env, in space, x, old *vectors.Index) (added int, err error) {
	known, skipped := old.BySum(), 0
	var works []vectors.Work
	var files [][]byte // nil where the vector is known
	flush := func() error {
		var fresh [][]byte
		for _, f := range files {
			if f != nil {
				fresh = append(fresh, f)
			}
		}
		rows, faults, err := embedAll(ctx, in, fresh)
		if err != nil {
			return err
		}
		for i, w := range works {
			switch {
			case files[i] == nil:
				x.Add(w, old.Row(known[w.Sum]))
				continue
			case faults[0] == nil:
				x.Add(w, rows[0])
				added++
			default:
				skipped++
			}
			rows, faults = rows[1:], faults[1:]
		}
		works, files = works[:0], files[:0]
		if env.Working != nil && added > 0 {
			env.Working("indexing pictures:", len(x.Works), 0)
		}
		return nil
	}
	for it, err := range s.works(ctx) {
		if err != nil {
			return added, err
		}
		if !isPicture(it) {
			skipped++
			continue
		}
		sum := sha256.Sum256(it.Bytes)
		w := vectors.Work{Name: it.Name, Sum: hex.EncodeToString(sum[:]), Label: it.Label, Caption: it.Caption}
		if _, has := known[w.Sum]; has {
			it.Bytes = nil
		}
		works, files = append(works, w), append(files, it.Bytes)
		if len(works) == indexed {
			if err := flush(); err != nil {
				return added, err
			}
		}
	}
	if err := flush(); err != nil {
		return added, err
	}
	if skipped > 0 {
		env.notice(fmt.Sprintf("skipped %s that are no pictures or cannot be read", Counted(skipped, "file")))
	}
	return added, nil
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
