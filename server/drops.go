package server

import (
	"context"
	"encoding/hex"
	"net/http"
	"path"

	"atelier/data"
	"atelier/data/library"
	"atelier/data/store"
)

// A DropEntry is an Item that was dropped.
type DropEntry struct {
	SHA256 string `json:"sha256"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"`
	// MediaType and Bytes are those of an example that is kept; most are not.
	MediaType string `json:"media_type,omitempty"`
	Bytes     int    `json:"bytes,omitempty"`
	// Twin is the SHA-256 of the work that it is a duplicate of, if that was looked for.
	Twin string `json:"twin,omitempty"`
}

func (s *Server) listDrops(w http.ResponseWriter, r *http.Request) error {
	skip, limit, err := window(r)
	if err != nil {
		return err
	}
	v, err := s.version(r.Context(), r.PathValue("ref"))
	if err != nil {
		return err
	}
	twins, err := truth(r, "twins")
	if err != nil {
		return err
	}
	reason := r.URL.Query().Get("reason")
	all, like := []DropEntry{}, map[string][]int{} // the indices of drops by the name of the work kept
	for row, err := range v.Drops(r.Context()) {
		if err != nil {
			return err
		}
		if reason != "" && row.Drop.Reason != reason {
			continue
		}
		if skip--; skip >= 0 {
			continue
		}
		e := DropEntry{SHA256: hex.EncodeToString(row.SHA256[:]), Name: row.Name, Reason: row.Drop.Reason, Detail: row.Drop.Detail}
		if len(row.Bytes) > 0 {
			e.MediaType, e.Bytes = row.MediaType, len(row.Bytes)
		}
		if name, ok := library.KeptInstead(&row.Drop); ok && twins {
			like[name] = append(like[name], len(all))
		}
		all = append(all, e)
		if len(all) == limit {
			break
		}
	}
	if err := findTwins(r.Context(), v, like, all); err != nil {
		return err
	}
	return answer(w, http.StatusOK, all)
}

// findTwins finds works by their names; each is that of some drops.
func findTwins(ctx context.Context, v *store.Version, like map[string][]int, all []DropEntry) error {
	for _, split := range []data.Split{data.Train, data.Test} {
		if len(like) == 0 {
			return nil
		}
		for row, err := range v.Rows(ctx, split) {
			if err != nil {
				return err
			}
			for _, i := range like[row.Name] {
				all[i].Twin = hex.EncodeToString(row.SHA256[:])
			}
			if delete(like, row.Name); len(like) == 0 {
				break
			}
		}
	}
	return nil
}

func (s *Server) getDrop(w http.ResponseWriter, r *http.Request) error {
	v, err := s.version(r.Context(), r.PathValue("ref"))
	if err != nil {
		return err
	}
	for row, err := range v.Drops(r.Context()) {
		if err != nil {
			return err
		}
		if len(row.Bytes) > 0 && hex.EncodeToString(row.SHA256[:]) == r.PathValue("sha256") {
			return serveBytes(w, r, path.Base(row.Name), row.MediaType, r.PathValue("sha256"), row.Bytes)
		}
	}
	return failf(http.StatusNotFound, "%s keeps no dropped Item %s", v.Ref(), r.PathValue("sha256"))
}
