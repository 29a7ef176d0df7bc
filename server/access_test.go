package server

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"atelier/jobs"
)

// Every route wants a token, one of its scope, and one that is good.
func TestTokens(t *testing.T) {
	s := start(t)
	read, may := s.tokenOf(Read), s.tokenOf(Make)
	for _, r := range s.routes {
		if r.scope == Anyone {
			continue
		}
		path := strings.NewReplacer("{job}", "1", "{app}", "write", "{name}", "x", "{upload}", "u1", "{path...}", "x", "{run}", "x", "{ref}", "x", "{sha256}", "x", "{id}", "job-1").Replace(strings.TrimPrefix(r.path, base))
		for token, status := range map[string]int{"none": 401, "nonsense": 401, s.token + "x": 401} {
			s.problem(status, sent{method: r.method, path: path, token: token})
		}
		for token, scope := range map[string]Scope{read: Read, may: Make} {
			if scope < r.scope {
				s.problem(403, sent{method: r.method, path: path, token: token})
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		s.want(200, sent{method: "GET", path: path, token: "none"}, nil)
	}
	s.problem(401, sent{method: "GET", path: "/nonsense", token: "none"})
	var all []Token
	s.want(200, sent{method: "GET", path: "/tokens"}, &all)
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	for _, k := range all {
		s.want(204, sent{method: "DELETE", path: "/tokens/" + k.Name}, nil)
	}
	s.problem(401, sent{method: "GET", path: "/jobs", token: read})
	secret, err := s.door.Add("short", Read, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Millisecond)
	s.problem(401, sent{method: "GET", path: "/jobs", token: secret})
	for _, name := range []string{"", "owner", "a b", "../x", strings.Repeat("a", 65)} {
		s.problem(422, sent{method: "POST", path: "/tokens", body: map[string]any{"name": name, "scope": "read"}})
	}
	s.problem(422, sent{method: "POST", path: "/tokens", body: map[string]any{"name": "short", "scope": "read"}})
	s.problem(400, sent{method: "POST", path: "/tokens", body: map[string]any{"name": "x", "scope": "root"}})
	text, err := os.ReadFile(filepath.Join(s.home, LedgerFile))
	if wal, _ := os.ReadFile(filepath.Join(s.home, LedgerFile+"-wal")); err != nil || strings.Contains(string(text)+string(wal), secret) {
		t.Error("the ledger has a secret in it", err)
	}
	info, err := os.Stat(filepath.Join(s.home, ownerFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	os.Chmod(filepath.Join(s.home, ownerFile), 0o644)
	if _, err := OwnerToken(s.home); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Error(err)
	}
}

// Requests for other hosts, and those that pages elsewhere have a browser send, are refused on
// every route.
func TestHostsAndOrigins(t *testing.T) {
	s := start(t)
	for _, host := range []string{"evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:7777", "evil.example:" + strings.Split(s.url, ":")[2]} {
		for _, path := range []string{"/healthz", "/jobs", "/nonsense"} {
			s.problem(421, sent{method: "GET", path: path, host: host})
		}
	}
	port := s.url[strings.LastIndexByte(s.url, ':'):]
	s.want(200, sent{method: "GET", path: "/jobs", host: "LOCALHOST" + port}, nil)
	for _, head := range []map[string]string{
		{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
	} {
		s.problem(403, sent{method: "POST", path: "/apps/write", body: story, head: head})
		s.problem(403, sent{method: "DELETE", path: "/jobs/1", head: head})
	}
	s.want(201, sent{method: "POST", path: "/apps/write", body: story, head: map[string]string{"Origin": s.url, "Sec-Fetch-Site": "same-origin"}}, nil)
}

// A browser trades a code, once, for a cookie, and leaves.
func TestSession(t *testing.T) {
	s := start(t)
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar, Transport: http.DefaultTransport}
	post := func(code string) (*http.Response, error) {
		return browser.Post(s.url+base+"/session", "application/json", strings.NewReader(`{"code":"`+code+`"}`))
	}
	get := func() int {
		a, err := browser.Get(s.url + base + "/session")
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		var c Caller
		json.NewDecoder(a.Body).Decode(&c)
		if a.StatusCode == 200 && (!c.Session || c.Name != ownerName) {
			t.Errorf("%+v", c)
		}
		return a.StatusCode
	}
	code := s.Code()
	for i, c := range []struct {
		code   string
		status int
	}{{"nonsense", 403}, {code, 201}, {code, 403}} {
		a, err := post(c.code)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode != c.status {
			t.Errorf("%d: %s", i, a.Status)
		}
		if set := a.Header.Get("Set-Cookie"); c.status == 201 && (!strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Strict") || strings.Contains(set, code)) {
			t.Error(set)
		}
	}
	if got := get(); got != 200 {
		t.Error(got)
	}
	r, _ := http.NewRequest("DELETE", s.url+base+"/session", nil)
	a, err := browser.Do(r)
	if err != nil || a.StatusCode != 204 {
		t.Fatal(a, err)
	}
	if got := get(); got != 401 {
		t.Error(got)
	}
	var made NewCode
	s.want(201, sent{method: "POST", path: "/codes"}, &made)
	if got, at, err := AskCode(t.Context(), s.home); err == nil {
		t.Error(got, at, "from a studio that did not announce itself")
	}
	if h, err := HoldHome(s.home); err != nil {
		t.Error(err)
	} else if err := h.Release(); err != nil {
		t.Error("it was held without being announced:", err)
	}
	if h, err := HoldHome(s.home); err != nil {
		t.Error(err)
	} else {
		h.Announce(Holder{PID: os.Getpid(), URL: s.url, Listen: strings.TrimPrefix(s.url, "http://")})
		if _, err := HoldHome(s.home); err == nil || !strings.Contains(err.Error(), s.url) {
			t.Error(err)
		}
		code, at, err := AskCode(t.Context(), s.home)
		if err != nil || at != s.url {
			t.Fatal(at, err)
		}
		if _, ok, err := s.door.trade(code); !ok || err != nil {
			t.Error(ok, err)
		}
		h.Release()
	}
	browser.CloseIdleConnections()
}

// A home keeps its tokens, sessions and jobs when the server is started again.
func TestStartedAgain(t *testing.T) {
	s := start(t)
	token := s.tokenOf(Read)
	session, ok, err := s.door.trade(s.Code())
	if !ok || err != nil {
		t.Fatal(err)
	}
	j := s.done("write", story, "")
	s.stop()
	s = startOn(t, s.home)
	var again jobs.Job
	s.want(200, sent{method: "GET", path: "/jobs/1", token: token}, &again)
	if len(again.Outputs) != len(j.Outputs) || again.Outputs[0] != j.Outputs[0] {
		t.Errorf("%+v, was %+v", again, j)
	}
	s.want(200, sent{method: "GET", path: "/session", token: "none", head: map[string]string{"Cookie": s.cookieName() + "=" + session}}, nil)
}

// Too many requests at once are refused, and told when to come again.
func TestRates(t *testing.T) {
	s := start(t, func(c *Config) { c.Limits.Rate, c.Limits.Burst, c.Limits.All.Requests, c.Limits.Reserve = 1, 5, 0, 0 })
	a, b := s.do(sent{method: "POST", path: "/apps/write", body: story, head: map[string]string{"Prefer": "wait=5"}})
	if a.StatusCode != 429 || a.Header.Get("Retry-After") == "" {
		t.Error(a.Status, string(b))
	}
	for range 5 {
		a, _ = s.do(sent{method: "GET", path: "/jobs"})
	}
	if a.StatusCode != 429 || a.Header.Get("Retry-After") == "" {
		t.Error(a.Status)
	}
	full := start(t, func(c *Config) { c.Limits.Reserve = 1e18 })
	full.problem(507, sent{method: "POST", path: "/apps/write", body: story})
	full.problem(507, sent{method: "POST", path: "/uploads?name=a", body: []byte("a")})
}
