package server

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"atelier/app"
	"atelier/jobs"
)

var appRoutes = []route{
	{method: "GET", path: "/apps", scope: Read, summary: "List the apps with the JSON schemas of their inputs",
		do: (*Server).listApps, gives: []AppEntry{}},
	{method: "GET", path: "/apps/{app}", scope: Read, summary: "Get an app with the JSON schema of its inputs",
		do: (*Server).getApp, gives: AppEntry{}},
	{method: "POST", path: "/apps/{app}", scope: Make, summary: "Make a job that runs an app; the body holds its inputs",
		do: (*Server).runApp, takes: map[string]any{}, gives: jobs.Job{}, status: http.StatusCreated, query: map[string]string{
			"apart": "true for a file for each work", "file": "the name of the output, whose extension gives the format",
			"priority": "a whole number from -100 to 100: the higher, the earlier"}},
}

// An AppEntry is an app as clients see it.
type AppEntry struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
	// Kind is that of its jobs.
	Kind jobs.Kind `json:"kind"`
	// Example is a command line.
	Example string `json:"example"`
	// Schema is the JSON schema of the inputs.
	Schema map[string]any `json:"schema"`
}

// fileSchema is how clients name a file.
var fileSchema = map[string]any{
	"type": "object", "additionalProperties": false, "minProperties": 1,
	"properties": map[string]any{
		"upload": map[string]any{"type": "string", "description": "the id of an upload"},
		"file":   map[string]any{"type": "string", "description": "the path of one of its files, if it has several"},
		"result": map[string]any{"type": "string", "description": "JOB/NAME, an output of a job"},
		"item":   map[string]any{"type": "string", "description": "NAME@VERSION/SHA256, an Item of a dataset"},
		"share":  map[string]any{"type": "string", "description": "SHARE/PATH, below a folder that the server shares"},
		"name":   map[string]any{"type": "string", "description": "what the bytes are called"},
		"bytes":  map[string]any{"type": "string", "contentEncoding": "base64", "description": "a small file itself"},
	},
}

// schemaOf is the schema of an app's inputs for clients: a file is named, not sent along.
func schemaOf(name string) (map[string]any, error) {
	s, err := app.Schema(name)
	if err != nil {
		return nil, err
	}
	a, err := app.Apps.New(name)
	if err != nil {
		return nil, err
	}
	properties := s["properties"].(map[string]any)
	for _, in := range app.Inputs(a) {
		was := properties[in.Name].(map[string]any)
		kind := in.Type()
		switch {
		case in.File() != nil:
			own := map[string]any{"x-kind": "file"}
			for key, v := range fileSchema {
				own[key] = v
			}
			for _, key := range []string{"description", "contentMediaType"} {
				if v, ok := was[key]; ok {
					own[key] = v
				}
			}
			properties[in.Name] = own
		case kind == "files":
			was["items"] = fileSchema
			was["x-kind"] = kind
		case kind == "set":
			was["type"] = []string{"string", "object"}
			was["x-kind"] = kind
		case kind == "sets":
			was["items"] = map[string]any{"type": []string{"string", "object"}}
			was["x-kind"] = kind
		default:
			was["x-kind"] = kind
		}
	}
	return s, nil
}

// entryOf is an app by its name.
func entryOf(name string) (e AppEntry, err error) {
	a, err := app.Apps.New(name)
	if err != nil {
		return e, failf(http.StatusNotFound, "%w", err)
	}
	e = AppEntry{Name: name, Kind: jobs.KindOf(name), Example: "atelier " + name + " " + a.Example()}
	if e.Schema, err = schemaOf(name); err == nil {
		e.Doc, _ = e.Schema["description"].(string)
	}
	return e, err
}

func (s *Server) listApps(w http.ResponseWriter, _ *http.Request) error {
	all := []AppEntry{}
	for _, name := range app.Apps.Names() {
		e, err := entryOf(name)
		if err != nil {
			return err
		}
		all = append(all, e)
	}
	return answer(w, http.StatusOK, all)
}

// appName is that of the path: data-add is data add.
func appName(r *http.Request) string { return strings.ReplaceAll(r.PathValue("app"), "-", " ") }

func (s *Server) getApp(w http.ResponseWriter, r *http.Request) error {
	e, err := entryOf(appName(r))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, e)
}

// runApp makes a job of a request and, if that is preferred, waits for it.
func (s *Server) runApp(w http.ResponseWriter, r *http.Request) error {
	wait, err := waitOf(r)
	if err != nil {
		return err
	}
	if wait > 0 { // before anything that takes time
		done, err := s.callers.wait(CallerOf(r.Context()).Name)
		if err != nil {
			return err
		}
		defer done()
	}
	j, err := s.asked(w, r)
	if err != nil {
		return err
	}
	if j, err = s.add(r, j); err != nil {
		return err
	}
	w.Header().Set("Location", fmt.Sprintf("%s/jobs/%d", base, j.ID))
	if wait == 0 {
		return answer(w, http.StatusCreated, j)
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	err = s.queue.Follow(ctx, j.ID, 0, time.Hour, func(jobs.Event) error { return nil })
	if err != nil && ctx.Err() == nil {
		return err
	}
	if r.Context().Err() != nil {
		return r.Context().Err()
	}
	if j, err = s.queue.Get(r.Context(), j.ID); err != nil {
		return err
	}
	w.Header().Set("Preference-Applied", r.Header.Get("Prefer"))
	return answer(w, http.StatusCreated, s.told(r, j))
}

// asked is the job that a request asks for, checked.
func (s *Server) asked(w http.ResponseWriter, r *http.Request) (j jobs.Job, err error) {
	if err := known(r, "apart", "file", "priority"); err != nil {
		return j, err
	}
	c := CallerOf(r.Context())
	j = jobs.Job{App: appName(r), By: c.Name, Wide: c.Scope >= Admin}
	if _, err := app.Apps.New(j.App); err != nil {
		return j, failf(http.StatusNotFound, "%w", err)
	}
	if j.Options.Apart, err = truth(r, "apart"); err != nil {
		return j, err
	}
	j.Options.File = r.URL.Query().Get("file")
	if j.Priority, err = number(r, "priority", 0, -100, 100); err != nil {
		return j, err
	}
	if j.Inputs, err = body(w, r, mostJSON); err != nil {
		return j, err
	}
	if len(j.Inputs) == 0 {
		j.Inputs = []byte("{}")
	}
	if err := s.roomFor(j.By, int64(len(j.Inputs))); err != nil {
		return j, err
	}
	var given struct{ As string }
	if json.Unmarshal(j.Inputs, &given) == nil && given.As == "files" && j.Options.File == "" && !r.URL.Query().Has("apart") {
		j.Options.Apart = true
	}
	a, err := s.config.Workshop.Check(j)
	if err != nil {
		return j, err
	}
	if err := s.mayDo(r.Context(), a); err != nil {
		return j, err
	}
	j.Amount = app.AmountOf(a)
	return j, s.config.Limits.within(j.Amount)
}

// mostWait is how long a request waits for its job at most.
const mostWait = 10 * time.Minute

// waitOf is how long the client prefers to wait: Prefer: wait=SECONDS (RFC 7240).
func waitOf(r *http.Request) (time.Duration, error) {
	for _, part := range strings.Split(r.Header.Get("Prefer"), ",") {
		text, ok := strings.CutPrefix(strings.TrimSpace(part), "wait=")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > int(mostWait.Seconds()) {
			return 0, fieldf("Prefer", "want wait=SECONDS with 1 to %d, got %q", int(mostWait.Seconds()), text)
		}
		return time.Duration(n) * time.Second, nil
	}
	return 0, nil
}

// add adds a job. One that was sent before with the same Idempotency-Key is not added again.
func (s *Server) add(r *http.Request, j jobs.Job) (jobs.Job, error) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return s.queue.Add(j, nil)
	}
	if len(key) > 128 {
		return j, fieldf("Idempotency-Key", "want at most 128 bytes, got %d", len(key))
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %v %v %d %s", j.App, j.Options.Apart, j.Options.File, j.Priority, j.Inputs))
	h := hex.EncodeToString(sum[:])
	before, err := s.sent(r.Context(), j.By, key, h)
	if err != nil || before.ID > 0 {
		return before, err
	}
	added, err := s.queue.Add(j, func(tx *sql.Tx, id int64) error {
		_, err := tx.Exec("INSERT INTO sent VALUES (?, ?, ?, ?, ?)", j.By, key, h, id, time.Now().UnixMilli())
		return err
	})
	if err != nil { // perhaps another request with the key was faster
		if before, lost := s.sent(r.Context(), j.By, key, h); lost != nil || before.ID > 0 {
			return before, lost
		}
	}
	return added, err
}

// sent is the job that was made by a key before, without an ID if there is none.
func (s *Server) sent(ctx context.Context, token, key, hash string) (j jobs.Job, err error) {
	var was string
	var id int64
	err = s.config.Ledger.Read.QueryRowContext(ctx, "SELECT hash, job FROM sent WHERE token = ? AND key = ?", token, key).Scan(&was, &id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return j, nil
	case err != nil:
		return j, err
	case was != hash:
		return j, fieldf("Idempotency-Key", "another request was sent with the key %q", key)
	}
	return s.queue.Get(ctx, id)
}
