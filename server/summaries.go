package server

import (
	"path/filepath"
	"slices"
	"sync"

	"atelier/app"
	"atelier/model/run"
)

// summaryCache keeps what runs are at a glance, for as long as their files stay the same.
type summaryCache struct {
	mu    sync.Mutex
	known map[string]summarised // by folder
}

// summarised is a run at a glance, with the stamp of the files that this was made of.
type summarised struct {
	stamp   run.Stamp
	dir     *run.Dir
	summary app.Summary
	can     []string
}

// summaries are the runs that can do something, all if it is empty, and what is wrong with others.
func (s *Server) summaries(can string) (all []app.Summary, damaged map[string]string, err error) {
	c := &s.known
	c.mu.Lock()
	defer c.mu.Unlock()
	stamps := map[string]run.Stamp{} // of those that are read
	dirs, bad, err := run.SurveyAgain(s.runs(), func(folder string) *run.Dir {
		if k := c.known[folder]; k.summary.State != app.Training && k.stamp.Holds() {
			return k.dir
		}
		stamps[folder] = run.StampOf(filepath.Join(s.runs(), folder))
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	damaged = map[string]string{}
	for _, b := range bad {
		damaged[b.Folder] = b.Err.Error()
	}
	now := make(map[string]summarised, len(dirs))
	for _, d := range dirs {
		k := c.known[d.Name()]
		if k.dir != d {
			k = summarised{stamp: stamps[d.Name()], dir: d}
			if k.summary, err = app.Glance(d); err != nil {
				damaged[d.Name()] = err.Error()
				continue
			}
			k.can = d.Abilities()
		}
		now[d.Name()] = k
		if can == "" || slices.Contains(k.can, can) {
			all = append(all, k.summary)
		}
	}
	c.known = now
	return all, damaged, nil
}
