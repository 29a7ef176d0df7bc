package server

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"strings"
	"time"

	"atelier/app"
	"atelier/internal/provenance"
)

var serverRoutes = []route{
	{method: "GET", path: "/healthz", scope: Anyone, summary: "See that the server answers", do: (*Server).healthy, gives: "text/plain"},
	{method: "GET", path: "/readyz", scope: Anyone, summary: "See that the server does jobs", do: (*Server).isReady, gives: "text/plain"},
	{method: "GET", path: "/metrics", scope: Read, summary: "Get the metrics, for Prometheus", do: (*Server).getMetrics, gives: "text/plain"},
	{method: "GET", path: "/openapi.json", scope: Read, summary: "Get this description (OpenAPI 3.1)", do: (*Server).getOpenAPI, gives: "application/json"},
	{method: "GET", path: "/server", scope: Read, summary: "See which version the server is, and what it allows", do: (*Server).getServer, gives: About{}},
	{method: "POST", path: "/provenance", scope: Read, summary: "Read the label of a file, sent as the body: by what it was made, and whether that is here", do: (*Server).checkProvenance, takes: "*/*", gives: Provenance{},
		query: map[string]string{"name": "what the file is called"}},
	{method: "GET", path: "/trash", scope: Read, summary: "List what is in the trash", do: (*Server).listTrash, gives: []Trashed{}},
	{method: "POST", path: "/trash/{id}/restore", scope: Make, summary: "Take something out of the trash", do: (*Server).restoreTrash, status: http.StatusNoContent},
	{method: "DELETE", path: "/trash/{id}", scope: Admin, summary: "Remove something that is in the trash for good", do: (*Server).purgeTrash, status: http.StatusNoContent},
}

func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "ok\n")
	return err
}

func (s *Server) isReady(w http.ResponseWriter, _ *http.Request) error {
	select {
	case <-s.leaving:
		return laterf(http.StatusServiceUnavailable, 10, "the server stops")
	case <-s.ready:
		_, err := io.WriteString(w, "ready\n")
		return err
	default:
		return laterf(http.StatusServiceUnavailable, 1, "the server starts")
	}
}

// An About says what a server is.
type About struct {
	Program string    `json:"program"`
	Engine  string    `json:"engine"`
	Started time.Time `json:"started"`
	Shares  []string  `json:"shares"`
	// Upload is the size of an upload in bytes; N, Tokens and Pixels are what one request may ask for.
	Upload int64 `json:"upload"`
	N      int   `json:"n"`
	Tokens int64 `json:"tokens"`
	Pixels int64 `json:"pixels"`
}

func (s *Server) getServer(w http.ResponseWriter, _ *http.Request) error {
	st, most := s.config.Workshop.Studio, s.config.Limits
	a := About{Program: st.Program, Engine: st.Engine, Started: s.started.UTC().Truncate(time.Second), Shares: []string{},
		Upload: most.Upload, N: most.N, Tokens: most.Tokens, Pixels: most.Pixels}
	for name := range s.config.Shares {
		a.Shares = append(a.Shares, name)
	}
	return answer(w, http.StatusOK, a)
}

// A Provenance is what the label of a file says.
type Provenance struct {
	// Labelled reports whether the file has a label; Why says why not.
	Labelled bool              `json:"labelled"`
	Why      string            `json:"why,omitempty"`
	Label    *provenance.Label `json:"label,omitempty"`
	// Whole reports whether the label is whole, and the work the one that was labelled; Faults say
	// what is wrong.
	Whole  bool     `json:"whole"`
	Faults []string `json:"faults,omitempty"`
	// DigitalSourceType and AIGC are the statement in terms of IPTC and of GB 45438-2025.
	DigitalSourceType string           `json:"digital_source_type,omitempty"`
	AIGC              *provenance.AIGC `json:"aigc,omitempty"`
	// Signature is that of a C2PA manifest, and Watermark what the search for one found.
	Signature *app.Signature `json:"signature,omitempty"`
	Watermark *app.Watermark `json:"watermark,omitempty"`
	// Here reports whether the run that made it is here, with the same checkpoint.
	Here bool `json:"here"`
	// MediaType is that of the file.
	MediaType string `json:"media_type"`
}

func (s *Server) checkProvenance(w http.ResponseWriter, r *http.Request) error {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostRead))
	if err != nil {
		return err
	}
	if len(b) == 0 {
		return failf(http.StatusUnprocessableEntity, "want a file as the body")
	}
	p := Provenance{MediaType: app.File{Bytes: b}.MediaType()}
	v, err := s.config.Workshop.Verify(app.File{Name: "the file", Bytes: b})
	switch {
	case err != nil:
		p.Why = err.Error()
	case v.Label == nil:
		p.Why = cmp.Or(strings.Join(v.Faults, "; "), provenance.ErrNoLabel.Error())
	default:
		p.Labelled, p.Whole, p.Label, p.Here = true, v.Whole, v.Label, v.Maker == app.Here
	}
	if err == nil {
		p.Faults, p.Signature, p.Watermark = v.Faults, v.Signature, v.Watermark
		p.DigitalSourceType, p.AIGC = v.DigitalSourceType, v.AIGC
	}
	p.Why = s.said(r, p.Why)
	for i, fault := range p.Faults {
		p.Faults[i] = s.said(r, fault)
	}
	return answer(w, http.StatusOK, p)
}

// serveBytes serves what is in memory like a file.
func serveBytes(w http.ResponseWriter, r *http.Request, name, mediaType, tag string, b []byte) error {
	serveHead(w, r, name, mediaType, tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	return nil
}

func (s *Server) getOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(s.openapi())
	return err
}

// pathParameters are the names in a path.
func pathParameters(path string) (names []string) {
	for {
		_, rest, ok := strings.Cut(path, "{")
		if !ok {
			return names
		}
		name, after, _ := strings.Cut(rest, "}")
		names, path = append(names, strings.TrimSuffix(name, "...")), after
	}
}
