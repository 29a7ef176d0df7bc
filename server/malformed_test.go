package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"atelier/app"
)

// manyMalformed is how many malformed requests are sent, if not as usual.
const manyMalformed = "SERVER_TEST_MALFORMED"

// wrong are values that an input of a JSON type cannot have.
func wrong(r *rand.Rand, schema map[string]any) any {
	deep := any("x")
	for range 200 {
		deep = []any{deep}
	}
	all := map[string][]any{
		"string":  {1, 0.5, true, []any{}, map[string]any{}, deep},
		"integer": {"1", 0.5, true, []any{1}, map[string]any{}, json.RawMessage("1e400"), json.RawMessage("99999999999999999999"), deep},
		"number":  {"0.5", true, []any{}, map[string]any{"x": 1}, json.RawMessage("1e400"), deep},
		"boolean": {"true", 1, []any{}, "yes", deep},
		"array":   {"a", 1, map[string]any{}, []any{[]any{}}, []any{map[string]any{"a": []any{}}}, true},
		"object":  {"/etc/passwd", 1, []any{}, map[string]any{}, map[string]any{"path": "/etc/passwd"}, map[string]any{"upload": "../.."}, map[string]any{"result": "1/../../x"}, map[string]any{"item": "a@1/zz"}, map[string]any{"bytes": "!"}, deep},
	}
	kinds, ok := schema["type"].(string)
	if !ok { // of a set: a name or an object
		return []any{1, true, []any{}, map[string]any{"upload": "x"}, map[string]any{}, deep}[r.IntN(6)]
	}
	if choices, ok := schema["enum"]; ok && choices != nil && r.IntN(2) == 0 {
		return "none of " + fmt.Sprint(choices)
	}
	if high, ok := schema["maximum"].(float64); ok && r.IntN(2) == 0 {
		return high + 1
	}
	if low, ok := schema["minimum"].(float64); ok && r.IntN(2) == 0 {
		return low - 1
	}
	return all[kinds][r.IntN(len(all[kinds]))]
}

// Whatever is wrong with a request, it is refused by its field and becomes no job.
func TestMalformed(t *testing.T) {
	s := start(t, func(c *Config) { c.Limits.Rate, c.Limits.Burst = 1e9, 1e9 })
	n := 400
	if text := os.Getenv(manyMalformed); text != "" {
		n, _ = strconv.Atoi(text)
	}
	tokens := []string{s.token, s.tokenOf(Make)}
	before := tree(t, s.home)
	r := rand.New(rand.NewPCG(1, 2))
	names := app.Apps.Names()
	for i := range n {
		name := names[r.IntN(len(names))]
		schema, err := schemaOf(name)
		if err != nil {
			t.Fatal(err)
		}
		properties := schema["properties"].(map[string]any)
		inputs := map[string]any{}
		keys := slices.Sorted(maps.Keys(properties))
		for _, key := range keys { // some as usual, one of them wrong
			if usual, ok := properties[key].(map[string]any)["default"]; ok && r.IntN(3) == 0 {
				inputs[key] = usual
			}
		}
		key := keys[r.IntN(len(keys))]
		inputs[key] = wrong(r, properties[key].(map[string]any))
		if i%10 == 0 {
			inputs["no_"+key] = 1
		}
		text, err := json.Marshal(inputs)
		if err != nil {
			t.Fatal(err)
		}
		if i%17 == 0 {
			text = text[:1+r.IntN(len(text)-1)] // nothing at all would do for apps that need no input
		}
		q := httptest.NewRequest("POST", s.url+base+"/apps/"+strings.ReplaceAll(name, " ", "-"), strings.NewReader(string(text)))
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Authorization", "Bearer "+tokens[i%2])
		a := httptest.NewRecorder()
		s.ServeHTTP(a, q)
		var p Problem
		if json.Unmarshal(a.Body.Bytes(), &p) != nil || a.Code != 422 || p.Detail == "" {
			t.Fatalf("%s %.300s: %d %.400s", name, text, a.Code, a.Body)
		}
	}
	if after := tree(t, s.home); after != before {
		t.Errorf("the home was\n%s\nand is\n%s", before, after)
	}
	var page JobPage
	if s.want(200, sent{method: "GET", path: "/jobs"}, &page); len(page.Jobs) > 0 {
		t.Error(page.Jobs)
	}
}

// tree are the files of a home, but for the ledger.
func tree(t *testing.T, home string) string {
	var all strings.Builder
	err := filepath.WalkDir(home, func(path string, _ os.DirEntry, err error) error {
		if !strings.HasPrefix(filepath.Base(path), LedgerFile) {
			fmt.Fprintln(&all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// A client that sends the head of a request slowly, or none, is let go, and keeps nobody.
func TestSlowClients(t *testing.T) {
	s := start(t, func(c *Config) { c.Limits.Head = 300 * time.Millisecond })
	at := strings.TrimPrefix(s.url, "http://")
	var slow []net.Conn
	for range 50 {
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET /healthz HTTP/1.1\r\nHost: %s\r\nX-", at)
		slow = append(slow, c)
	}
	s.want(200, sent{method: "GET", path: "/healthz"}, nil)
	for _, c := range slow {
		c.SetReadDeadline(time.Now().Add(10 * time.Second))
		b := make([]byte, 512)
		for {
			if _, err := c.Read(b); err != nil {
				if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
					t.Fatal("a slow client is kept")
				}
				break
			}
		}
	}
	huge, err := http.NewRequest("GET", s.url+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	huge.Header.Set("X-Long", strings.Repeat("a", 2*mostHead))
	a, err := http.DefaultClient.Do(huge)
	if err != nil || a.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Error(a, err)
	}
	if a != nil {
		a.Body.Close()
	}
}

// The answers are as the description of the API says.
func TestOpenAPI(t *testing.T) {
	s := start(t)
	var d struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Responses   map[string]any
		}
		Components struct{ Schemas map[string]any }
	}
	s.want(200, sent{method: "GET", path: "/openapi.json"}, &d)
	ids := map[string]bool{}
	for path, operations := range d.Paths {
		for method, o := range operations {
			if o.OperationID == "" || ids[o.OperationID] || len(o.Responses) < 2 {
				t.Errorf("%s %s: %+v", method, path, o)
			}
			ids[o.OperationID] = true
		}
	}
	if d.OpenAPI != "3.1.0" || len(ids) != len(s.routes)-1+len(app.Apps.Names()) {
		t.Errorf("%s, %d operations of %d routes", d.OpenAPI, len(ids), len(s.routes))
	}
	s.done("write", story, "")
	for path, schema := range map[string]string{
		"/jobs": "server_JobPage", "/jobs/1": "jobs_Job", "/runs": "server_RunPage", "/runs/clothes": "server_RunDetail", "/session": "server_Caller",
		"/datasets": "server_DatasetPage", "/queue": "server_QueueState", "/server": "server_About",
	} {
		var got any
		s.want(200, sent{method: "GET", path: path}, &got)
		holds(t, path, got, map[string]any{"$ref": "#/components/schemas/" + schema}, d.Components.Schemas)
	}
}

// holds checks that a value has the keys and types of a schema.
func holds(t *testing.T, at string, v any, schema map[string]any, all map[string]any) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		next, ok := all[strings.TrimPrefix(ref, "#/components/schemas/")].(map[string]any)
		if !ok {
			t.Fatalf("there is no %s", ref)
		}
		holds(t, at, v, next, all)
		return
	}
	is := map[bool]string{true: "?"}[v == nil]
	switch x := v.(type) {
	case string:
		is = "string"
	case bool:
		is = "boolean"
	case float64:
		is = "number"
		if schema["type"] == "integer" && x == float64(int64(x)) {
			is = "integer"
		}
	case []any:
		is = "array"
		for i, one := range x {
			holds(t, fmt.Sprintf("%s[%d]", at, i), one, schema["items"].(map[string]any), all)
		}
	case map[string]any:
		is = "object"
		properties, known := schema["properties"].(map[string]any)
		for key, one := range x {
			p, ok := properties[key].(map[string]any)
			if !ok && known {
				t.Errorf("%s.%s is not in the schema", at, key)
			} else if ok {
				holds(t, at+"."+key, one, p, all)
			}
		}
		required, _ := schema["required"].([]any)
		for _, key := range required {
			if _, ok := x[key.(string)]; !ok {
				t.Errorf("%s.%s is missing", at, key)
			}
		}
	}
	if want, ok := schema["type"]; ok && want != is {
		t.Errorf("%s is a %s, not a %v", at, is, want)
	}
}

// A body that breaks off is no JSON, and is told to be cut short.
func TestBodyCutShort(t *testing.T) {
	s := start(t)
	for _, path := range []string{"/apps/chat", "/runs/none/rename", "/ratings"} {
		for _, body := range []string{`{`, `{"message"`, `{"message": "a"`} {
			a, text := s.do(sent{method: "POST", path: path, body: []byte(body), head: map[string]string{"Content-Type": "application/json"}})
			if a.StatusCode < 500 && a.StatusCode != 404 && !strings.Contains(string(text), "it is not JSON: it is cut short") {
				t.Errorf("%s %s: %d %s", path, body, a.StatusCode, text)
			}
		}
	}
}
