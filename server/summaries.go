package server

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"atelier/app"
	"atelier/model/run"
)

// summaryCache keeps what runs are at a glance, for as long as their files stay the same.
type summaryCache struct {
	mu    sync.Mutex
	known map[string]summarised // by folder
}

// summarised is a summary with the state of the files that it was made of.
type summarised struct {
	stamp   string
	summary app.Summary
	can     []string
}

// stampOf is the state of the files of a run that its summary depends on.
func stampOf(d *run.Dir) string {
	var b strings.Builder
	for _, file := range []string{"", "run.toml", "checkpoints", "stats.jsonl", "best"} {
		if info, err := os.Stat(d.Path(file)); err == nil {
			fmt.Fprintf(&b, "%d %d,", info.ModTime().UnixNano(), info.Size())
		} else {
			b.WriteByte(',')
		}
	}
	return b.String()
}

// summaries are the runs that can do something, all if it is empty, and what is wrong with others.
func (s *Server) summaries(can string) (all []app.Summary, damaged map[string]string, err error) {
	dirs, bad, err := run.Survey(s.runs())
	if err != nil {
		return nil, nil, err
	}
	damaged = map[string]string{}
	for _, b := range bad {
		damaged[b.Folder] = b.Err.Error()
	}
	c := &s.known
	c.mu.Lock()
	defer c.mu.Unlock()
	now := make(map[string]summarised, len(dirs))
	for _, d := range dirs {
		stamp := stampOf(d)
		k, ok := c.known[d.Name()]
		if !ok || k.stamp != stamp || k.summary.State == app.Training || d.Training() {
			if k.summary, err = app.Glance(d); err != nil {
				damaged[d.Name()] = err.Error()
				continue
			}
			k.stamp, k.can = stamp, d.Abilities()
		}
		now[d.Name()] = k
		if can == "" || slices.Contains(k.can, can) {
			all = append(all, k.summary)
		}
	}
	c.known = now
	return all, damaged, nil
}
