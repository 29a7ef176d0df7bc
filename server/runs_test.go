package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/big"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"atelier/app"
	"atelier/data/store"
	"atelier/jobs"
)

// pictures is a form with small pictures, in a folder.
func pictures(n int) (body []byte, kind string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := range n {
		part, _ := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="f"; filename="mine/%02d.png"`, i)}})
		img := image.NewNRGBA(image.Rect(0, 0, 28, 28))
		for y := range 28 {
			for x := range 28 {
				img.Set(x, y, color.NRGBA{uint8(x*9 + i), uint8(y * (i + 1)), uint8(40 * i), 255})
			}
		}
		png.Encode(part, img)
	}
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}

var tiny = []string{"steps=6", "save=2", "pictures=2", "batch=2", "score.metrics=[]", "score.every=0", "stop.patience=0",
	"model.generator.width=1", "model.discriminator.width=1", "model.discriminator.hidden=[]"}

// Who has no more than a token uploads a folder, makes a dataset of it, trains on it, looks at the
// run, draws from it, and scores it.
func TestFromPicturesToPictures(t *testing.T) {
	s := start(t)
	may := s.tokenOf(Make)
	body, kind := pictures(12)
	var up Upload
	s.want(201, sent{method: "POST", path: "/uploads", token: may, body: body, head: map[string]string{"Content-Type": kind}}, &up)
	run := func(app string, inputs map[string]any) jobs.Job {
		t.Helper()
		var j jobs.Job
		s.want(201, sent{method: "POST", path: "/apps/" + app, token: may, body: inputs, head: map[string]string{"Prefer": "wait=120"}}, &j)
		if j.State != jobs.Done {
			t.Fatalf("%s: %+v %+v", app, j, j.Problem)
		}
		return j
	}
	run("data-add", map[string]any{"name": "mine", "sources": []any{map[string]any{"upload": up.ID}}, "clean": []string{"none"}})
	var sets DatasetPage
	if s.want(200, sent{method: "GET", path: "/datasets"}, &sets); len(sets.Datasets) != 1 || sets.Datasets[0].Items != 12 {
		t.Fatalf("%+v", sets)
	}
	var card store.Manifest
	s.want(200, sent{method: "GET", path: "/datasets/mine@1"}, &card)
	var items []ItemEntry
	s.want(200, sent{method: "GET", path: "/datasets/mine@1/items?limit=3"}, &items)
	_, bytes := s.do(sent{method: "GET", path: "/datasets/mine@1/items/" + items[2].SHA256})
	var holding []string
	for _, given := range []map[string]any{{"item": "mine@1/" + items[2].SHA256}, {"name": "a.png", "bytes": bytes}, {"upload": up.ID, "file": items[2].Name}} {
		j := run("tile", map[string]any{"picture": given, "size": "32"})
		holding = append(holding, fmt.Sprintf("%d/%s", j.ID, j.Outputs[0].Name))
	}
	run("tile", map[string]any{"picture": map[string]any{"item": "mine@1/" + items[0].SHA256}, "size": "32"})
	var forgotten Forgotten
	s.problem(403, sent{method: "POST", path: "/datasets/mine/forget", token: may, body: map[string]any{"items": []string{items[2].SHA256}}})
	s.problem(422, sent{method: "POST", path: "/datasets/mine/forget", body: map[string]any{"items": []string{}}})
	s.problem(404, sent{method: "POST", path: "/datasets/none/forget", body: map[string]any{"items": []string{items[2].SHA256}}})
	s.want(200, sent{method: "POST", path: "/datasets/mine/forget", body: map[string]any{"items": []string{items[2].SHA256}, "erase": true}}, &forgotten)
	if forgotten.Version != "mine@2" || forgotten.Items != 1 || !forgotten.Erased || forgotten.Uploads != 1 || len(forgotten.Had) != 1 || len(forgotten.Runs) != 0 || !slices.Equal(forgotten.Results, holding) {
		t.Errorf("%+v", forgotten)
	}
	s.problem(404, sent{method: "GET", path: "/datasets/mine@2/items/" + items[2].SHA256})
	if card.Name != "mine" || len(items) != 3 || items[0].MediaType != "image/png" {
		t.Errorf("%+v %+v", card, items)
	}
	if a, b := s.do(sent{method: "GET", path: "/datasets/mine@1/items/" + items[0].SHA256}); a.Header.Get("Content-Type") != "image/png" || len(b) != items[0].Bytes {
		t.Error(a.Header, len(b))
	}
	s.want(200, sent{method: "GET", path: "/datasets/mine@1/drops"}, nil)
	s.problem(404, sent{method: "GET", path: "/datasets/mine@7"})
	s.problem(404, sent{method: "GET", path: "/datasets/..%2fmine"})
	run("evaluate", map[string]any{"works": "mine@1", "as": "fashion", "metric": []string{"sharpness"}})
	j := run("train", map[string]any{"works": map[string]any{"upload": up.ID}, "settings": tiny})
	if j.Run == "" {
		t.Fatalf("%+v", j)
	}
	run("train", map[string]any{"recipe": "pictures", "settings": append([]string{`data={use="stored", name="mine@1"}`, "name=again", "codec.size=28"}, tiny...)})
	var page RunPage
	if s.want(200, sent{method: "GET", path: "/runs?can=draws", token: may}, &page); len(page.Runs) != 3 {
		t.Errorf("%+v", page)
	}
	var detail RunDetail
	s.want(200, sent{method: "GET", path: "/runs/" + j.Run, token: may}, &detail)
	if detail.Step != 6 || len(detail.Previews) == 0 {
		t.Fatalf("%+v", detail)
	}
	if len(detail.Checkpoints) < 2 || detail.BestStep != 6 {
		t.Errorf("%+v", detail)
	}
	var made app.Card
	if s.want(200, sent{method: "GET", path: "/runs/" + j.Run + "/card", token: may}, &made); made.Data.Train == 0 || len(made.Limits) == 0 {
		t.Errorf("%+v", made)
	}
	var branch app.Summary
	s.want(201, sent{method: "POST", path: "/runs/" + j.Run + "/copy", token: may, body: map[string]any{"name": "branch", "step": detail.Checkpoints[0]}}, &branch)
	if branch.Step != detail.Checkpoints[0] || branch.State != app.Stopped {
		t.Errorf("%+v", branch)
	}
	for _, body := range []map[string]any{{"name": "branch", "step": 1}, {"name": ""}} {
		s.problem(422, sent{method: "POST", path: "/runs/" + j.Run + "/copy", token: may, body: body})
	}
	s.want(200, sent{method: "POST", path: "/runs/" + branch.Name + "/prune", token: may}, &Pruned{})
	s.problem(404, sent{method: "GET", path: "/datasets/mine@1/drops/" + items[0].SHA256})
	var lines []map[string]any
	if s.want(200, sent{method: "GET", path: "/runs/" + j.Run + "/statistics", token: may}, &lines); len(lines) == 0 {
		t.Error("no statistics")
	}
	a, _ := s.do(sent{method: "GET", path: "/runs/" + j.Run + "/previews/" + detail.Previews[0], token: may})
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != "image/png" || a.Header.Get("ETag") == "" {
		t.Error(a.Status, a.Header)
	}
	for _, name := range []string{"run.json", "..%2f..%2fstudio.token", "checkpoint"} {
		s.problem(404, sent{method: "GET", path: "/runs/" + j.Run + "/previews/" + name, token: may})
	}
	s.want(200, sent{method: "GET", path: "/runs/" + j.Run + "/config", token: may}, nil)
	s.want(200, sent{method: "GET", path: "/runs/" + j.Run + "/scores", token: may}, nil)
	s.problem(409, sent{method: "POST", path: "/runs/" + j.Run + "/stop", token: may})
	drawn := run("generate", map[string]any{"run": j.Run, "n": 1})
	run("extend", map[string]any{"picture": map[string]any{"result": fmt.Sprintf("%d/%s", drawn.ID, drawn.Outputs[0].Name)}, "left": 8})
	run("extend", map[string]any{"picture": map[string]any{"item": "mine@1/" + items[0].SHA256}, "left": 8})
	for _, steps := range []int{-1, 0, 3, 6} {
		if got := s.problem(422, sent{method: "POST", path: "/runs/" + j.Run + "/resume", token: may, body: map[string]any{"steps": steps}}); got.Field != "steps" {
			t.Errorf("%d steps: %+v", steps, got)
		}
	}
	var longer jobs.Job
	s.want(201, sent{method: "POST", path: "/runs/" + j.Run + "/resume", token: may, body: Resumption{Steps: 8}}, &longer)
	ended := make(chan error, 1)
	go func() {
		ended <- s.queue.Follow(t.Context(), longer.ID, 0, time.Hour, func(jobs.Event) error { return nil })
	}()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if s.want(200, sent{method: "GET", path: "/runs/" + j.Run}, &detail); detail.Step != 8 {
		t.Errorf("%+v", detail)
	}
	if a, b := s.do(sent{method: "GET", path: "/metrics", token: may}); a.StatusCode != 200 || !strings.Contains(string(b), `atelier_requests_total{route="GET /api/v1/runs",status="200"}`) {
		t.Error(a.Status, string(b))
	}
	for _, path := range []string{"/recipes", "/sets", "/server", "/trash", "/uploads"} {
		s.want(200, sent{method: "GET", path: path, token: may}, nil)
	}
}

// certificate writes a certificate for a host, and its key.
func certificate(t *testing.T, host string) (cert, key string) {
	t.Helper()
	dir := t.TempDir()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
	os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), 0o600)
	return cert, key
}

// Beyond the machine a studio listens encrypted only, and knows its hosts.
func TestEntrances(t *testing.T) {
	cert, key := certificate(t, "studio.example")
	socket := filepath.Join(t.TempDir(), "s")
	for _, c := range []struct {
		place Place
		wrong string
		url   string
		hosts []string // begin with these
	}{
		{Place{Listen: "127.0.0.1:0"}, "", "http://127.0.0.1:", []string{"127.0.0.1:", "localhost:", "[::1]:"}},
		{Place{Listen: "0.0.0.0:0"}, "others on the network", "", nil},
		{Place{Listen: ":0"}, "others on the network", "", nil},
		{Place{Listen: "nonsense"}, "HOST:PORT", "", nil},
		{Place{Listen: "0.0.0.0:0", Cert: cert}, "belong together", "", nil},
		{Place{Listen: "0.0.0.0:0", Cert: key, Key: cert}, "--tls-cert", "", nil},
		{Place{Listen: "0.0.0.0:0", Cert: cert, Key: key}, "", "https://studio.example:", []string{"studio.example:"}},
		{Place{Listen: "127.0.0.1:0", Public: "https://a.example"}, "", "https://a.example", []string{"a.example", "a.example:443", "127.0.0.1:"}},
		{Place{Listen: "127.0.0.1:0", Public: "http://a.example"}, "https://HOST", "", nil},
		{Place{Listen: "127.0.0.1:0", Public: "https://a.example/studio"}, "https://HOST", "", nil},
		{Place{Listen: "unix:" + socket}, "", "", []string{"localhost"}},
	} {
		e, err := c.place.Open()
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%+v: %v", c.place, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%+v: %v", c.place, err)
		}
		if !strings.HasPrefix(e.URL, c.url) || (e.TLS != nil) != (c.place.Cert != "") || e.Secure != (strings.HasPrefix(c.url, "https")) {
			t.Errorf("%+v: %+v", c.place, e)
		}
		for i, h := range c.hosts {
			if i >= len(e.Hosts) || !strings.HasPrefix(e.Hosts[i], h) {
				t.Errorf("%+v: hosts %v", c.place, e.Hosts)
			}
		}
		if info, err := os.Stat(socket); c.url == "" && (err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600) {
			t.Error(info, err)
		}
		e.Close()
	}
	s := start(t, func(c *Config) { c.Secure = true; c.Hosts = append(c.Hosts, "studio.example") })
	pool := x509.NewCertPool()
	b, _ := os.ReadFile(cert)
	pool.AppendCertsFromPEM(b)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	h := &http.Server{Handler: s}
	go h.Serve(tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}}))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "studio.example"}}}
	r, _ := http.NewRequest("POST", "https://"+l.Addr().String()+base+"/session", strings.NewReader(`{"code":"`+s.Code()+`"}`))
	r.Host = "studio.example"
	r.Header.Set("Content-Type", "application/json")
	a, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if set := a.Header.Get("Set-Cookie"); a.StatusCode != 201 || !strings.HasPrefix(set, "__Host-") || !strings.Contains(set, "Secure") || a.Header.Get("Strict-Transport-Security") == "" {
		t.Error(a.Status, a.Header)
	}
	a.Body.Close()
	client.CloseIdleConnections()
	h.Close()
}
