package server

import (
	"cmp"
	"context"
	"encoding/hex"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"atelier/app"
	"atelier/data"
	"atelier/data/cards"
	"atelier/data/store"
	"atelier/internal/badinput"
	"atelier/recipes"
)

var datasetRoutes = []route{
	{method: "GET", path: "/datasets", scope: Read, summary: "List the versions of the datasets", do: (*Server).listDatasets, gives: DatasetPage{}},
	{method: "GET", path: "/datasets/{ref}", scope: Read, summary: "Get the card of a version: its sources, cleaning, counts and licences", do: (*Server).getDataset, gives: store.Manifest{}},
	{method: "GET", path: "/datasets/{ref}/items", scope: Read, summary: "List the Items of a version", do: (*Server).listItems, gives: []ItemEntry{},
		query: map[string]string{"split": "train or test", "skip": "how many to skip", "limit": "how many, 1 to 1000; 100 if empty"}},
	{method: "GET", path: "/datasets/{ref}/items/{sha256}", scope: Read, summary: "Get an Item", do: (*Server).getItem, gives: "*/*"},
	{method: "GET", path: "/datasets/{ref}/drops", scope: Read, summary: "List what was dropped from a version, with the reasons", do: (*Server).listDrops, gives: []DropEntry{},
		query: map[string]string{"reason": "only for this reason", "twins": "true to look for the works of which duplicates were dropped", "skip": "how many to skip", "limit": "how many, 1 to 1000; 100 if empty"}},
	{method: "GET", path: "/datasets/{ref}/drops/{sha256}", scope: Read, summary: "Get a dropped Item, if it is one of the few that are kept as examples", do: (*Server).getDrop, gives: "*/*"},
	{method: "POST", path: "/datasets/{ref}/forget", scope: Admin, summary: "Make a version of a dataset without some Items, and keep them out of later ones", do: (*Server).forget, takes: ForgetRequest{}, gives: Forgotten{}},
	{method: "GET", path: "/recipes", scope: Read, summary: "List the recipes", do: (*Server).listRecipes, gives: []NamedDoc{}},
	{method: "GET", path: "/sets", scope: Read, summary: "List the well-known sets", do: (*Server).listSets, gives: []NamedDoc{}},
}

// A DatasetPage is the list of versions.
type DatasetPage struct {
	Datasets []DatasetEntry    `json:"datasets"`
	Damaged  map[string]string `json:"damaged,omitempty"`
}

// A DatasetEntry is a version at a glance.
type DatasetEntry struct {
	Name    string    `json:"name"`
	Version int       `json:"version"`
	Hash    string    `json:"hash"`
	Items   int       `json:"items"`
	Bytes   int64     `json:"bytes"`
	Made    time.Time `json:"made"`
}

// An ItemEntry is an Item of a version.
type ItemEntry struct {
	SHA256    string     `json:"sha256"`
	Name      string     `json:"name"`
	MediaType string     `json:"media_type"`
	Label     string     `json:"label,omitempty"`
	Split     data.Split `json:"split"`
	Bytes     int        `json:"bytes"`
}

// A NamedDoc is something with a name and a line about it.
type NamedDoc struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
}

// store is that of the datasets.
func (s *Server) store() (*store.Store, error) {
	if l := s.config.Workshop.Library; l != nil {
		return l.Store, nil
	}
	return nil, failf(http.StatusNotFound, "there is no folder for datasets")
}

// dataset reports whether a word names a dataset that is kept, or a well-known set.
func (s *Server) dataset(word string) bool {
	if slices.ContainsFunc(cards.All(), func(c cards.Card) bool { return c.Name == word }) {
		return true
	}
	st, err := s.store()
	if err != nil || strings.ContainsAny(word, `/\:{ `) {
		return false
	}
	_, err = st.Refs(context.Background(), word)
	return err == nil
}

// version opens the version in the path.
func (s *Server) version(ctx context.Context, ref string) (*store.Version, error) {
	st, err := s.store()
	if err != nil {
		return nil, err
	}
	v, err := st.Version(ctx, ref)
	if err != nil {
		return nil, failf(http.StatusNotFound, "%w", err)
	}
	return v, nil
}

func (s *Server) listDatasets(w http.ResponseWriter, r *http.Request) error {
	st, err := s.store()
	if err != nil {
		return err
	}
	all, damaged, err := st.List(r.Context())
	if err != nil {
		return err
	}
	page := DatasetPage{Datasets: []DatasetEntry{}, Damaged: map[string]string{}}
	for _, e := range all {
		page.Datasets = append(page.Datasets, DatasetEntry(e))
	}
	for _, d := range damaged {
		page.Damaged[d.Ref] = d.Err.Error()
	}
	return answer(w, http.StatusOK, page)
}

func (s *Server) getDataset(w http.ResponseWriter, r *http.Request) error {
	v, err := s.version(r.Context(), r.PathValue("ref"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, v.Manifest())
}

// window reads which part of a list is wanted.
func window(r *http.Request) (skip, limit int, err error) {
	if skip, err = number(r, "skip", 0, 0, 1<<40); err != nil {
		return 0, 0, err
	}
	limit, err = number(r, "limit", 100, 1, 1000)
	return skip, limit, err
}

func (s *Server) listItems(w http.ResponseWriter, r *http.Request) error {
	skip, limit, err := window(r)
	if err != nil {
		return err
	}
	split := data.Split(cmp.Or(r.URL.Query().Get("split"), string(data.Train)))
	if split != data.Train && split != data.Test {
		return fieldf("split", "want train or test, got %q", split)
	}
	v, err := s.version(r.Context(), r.PathValue("ref"))
	if err != nil {
		return err
	}
	all := []ItemEntry{}
	for row, err := range v.Rows(r.Context(), split) {
		if err != nil {
			return err
		}
		if skip--; skip >= 0 {
			continue
		}
		all = append(all, ItemEntry{hex.EncodeToString(row.SHA256[:]), row.Name, row.MediaType, row.Label, split, len(row.Bytes)})
		if len(all) == limit {
			break
		}
	}
	return answer(w, http.StatusOK, all)
}

// row finds an Item of a version by its hash.
func (s *Server) row(ctx context.Context, ref, sha string) (store.Row, error) {
	v, err := s.version(ctx, ref)
	if err != nil {
		return store.Row{}, err
	}
	want, err := hex.DecodeString(sha)
	if err != nil || len(want) != 32 {
		return store.Row{}, badinput.Errorf("want the SHA-256 of an Item, got %q", sha)
	}
	for _, split := range []data.Split{data.Train, data.Test} {
		for row, err := range v.Rows(ctx, split) {
			if err != nil {
				return row, err
			}
			if row.SHA256 == [32]byte(want) {
				return row, nil
			}
		}
	}
	return store.Row{}, failf(http.StatusNotFound, "%s has no Item %s", ref, sha)
}

// item is an Item that a request names, NAME@VERSION/SHA256.
func (s *Server) item(ctx context.Context, name string) (app.File, error) {
	ref, sha, _ := strings.Cut(name, "/")
	row, err := s.row(ctx, ref, sha)
	if err != nil {
		return app.File{}, badinput.Mark(err)
	}
	return app.File{Name: path.Base(row.Name), Bytes: row.Bytes}, nil
}

func (s *Server) getItem(w http.ResponseWriter, r *http.Request) error {
	row, err := s.row(r.Context(), r.PathValue("ref"), r.PathValue("sha256"))
	if err != nil {
		return err
	}
	return serveBytes(w, r, path.Base(row.Name), row.MediaType, r.PathValue("sha256"), row.Bytes)
}

func (s *Server) listRecipes(w http.ResponseWriter, _ *http.Request) error {
	all := []NamedDoc{}
	for _, name := range recipes.Names() {
		doc, err := recipes.Doc(name)
		if err != nil {
			return err
		}
		all = append(all, NamedDoc{name, doc})
	}
	return answer(w, http.StatusOK, all)
}

func (s *Server) listSets(w http.ResponseWriter, _ *http.Request) error {
	all := []NamedDoc{}
	for _, c := range cards.All() {
		all = append(all, NamedDoc{c.Name, c.Description})
	}
	return answer(w, http.StatusOK, all)
}
