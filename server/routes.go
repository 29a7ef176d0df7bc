package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// A route is one thing that can be asked for.
type route struct {
	method, path string
	scope        Scope
	summary      string
	do           func(*Server, http.ResponseWriter, *http.Request) error
	// query are the parameters behind the question mark, with what each is.
	query map[string]string
	// takes and gives are zero values of the JSON bodies, nil for none; a string is a media type.
	takes, gives any
	// status is that of success, 200 if 0.
	status int
}

// base is what every path of the API begins with.
const base = "/api/v1"

// allRoutes are those of the API.
func allRoutes() []route {
	var all []route
	for _, part := range [][]route{appRoutes, jobRoutes, uploadRoutes, runRoutes, keptRoutes, datasetRoutes, conversationRoutes, ratingRoutes, accountRoutes, serverRoutes} {
		all = append(all, part...)
	}
	for i := range all {
		if !strings.HasPrefix(all[i].path, "/healthz") && !strings.HasPrefix(all[i].path, "/readyz") && !strings.HasPrefix(all[i].path, "/metrics") {
			all[i].path = base + all[i].path
		}
	}
	return all
}

// answer answers with JSON.
func answer(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err = w.Write(append(b, '\n'))
	return err
}

const (
	mostBody = 64 << 10 // bytes of a usual body
	mostJSON = 32 << 20 // of inputs, which may bring small files along
)

// body reads the whole body of a request, which is to be JSON.
func body(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.ContentLength != 0 && (err != nil || kind != "application/json") {
		return nil, failf(http.StatusUnsupportedMediaType, "want Content-Type: application/json, got %q", r.Header.Get("Content-Type"))
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil && !isTooLarge(err) {
		err = failf(http.StatusBadRequest, "the body could not be read: %w", err)
	}
	if err == nil && !utf8.Valid(text) {
		err = failf(http.StatusBadRequest, "the body is not UTF-8, which JSON is")
	}
	return text, err
}

func isTooLarge(err error) bool { var e *http.MaxBytesError; return errors.As(err, &e) }

// decode reads the JSON body of a request.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	text, err := body(w, r, mostBody)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return failf(http.StatusBadRequest, "want a JSON object as the body")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) && kind.Field != "" {
			return fieldf(kind.Field, "%w", badinput.JSON(err))
		}
		if name, ok := strings.CutPrefix(err.Error(), `json: unknown field "`); ok {
			return fieldf(strings.TrimSuffix(name, `"`), "there is no such key")
		}
		return failf(http.StatusBadRequest, "the body: %w", badinput.JSON(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return failf(http.StatusBadRequest, "the body is followed by something else")
	}
	return nil
}

// number reads a parameter that is a whole number in a range.
func number(r *http.Request, name string, usual, low, high int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fieldf(name, "want a whole number from %d to %d, got %q", low, high, text)
	}
	return n, nil
}

// truth reads a parameter that is true or false.
func truth(r *http.Request, name string) (bool, error) {
	switch text := r.URL.Query().Get(name); text {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, fieldf(name, "want true or false, got %q", text)
	}
}

// choice reads a parameter that is one of some words, or empty.
func choice[T ~string](r *http.Request, name string, words ...T) (T, error) {
	text := T(r.URL.Query().Get(name))
	if text == "" || slices.Contains(words, text) {
		return text, nil
	}
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = string(word)
	}
	return "", fieldf(name, "want one of %s, got %q", strings.Join(all, ", "), text)
}

// known refuses parameters that the route does not have.
func known(r *http.Request, names ...string) error {
	for name := range r.URL.Query() {
		found := false
		for _, n := range names {
			found = found || n == name
		}
		if !found {
			return fieldf(name, "there is no such parameter; want %s", strings.Join(names, ", "))
		}
	}
	return nil
}
