package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"atelier/internal/home"
	"atelier/internal/remotetest"
	"atelier/internal/s3test"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"atelier": main, "remoteserver": serveRemote, "pageserver": servePages})
}

// serveRemote is the program remoteserver ADDRESSFILE MODEL ...: a server of language models
// whose address is written to the file.
func serveRemote() {
	serveAt(os.Args[1], "/v1", &remotetest.Server{Keyed: true, Owner: "llamacpp", Models: os.Args[2:]})
}

// servePages is the program pageserver ADDRESSFILE FOLDER: a server of the pages in a folder.
func servePages() { serveAt(os.Args[1], "", http.FileServer(http.Dir(os.Args[2]))) }

// serveAt serves, and writes the address to a file.
func serveAt(file, path string, h http.Handler) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		err = os.WriteFile(file+".new", []byte("http://"+l.Addr().String()+path), 0o666)
	}
	if err == nil {
		err = os.Rename(file+".new", file) // whole, when it is there
	}
	if err == nil {
		err = http.Serve(l, h)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// The command line, as people meet it.
func TestScripts(t *testing.T) {
	networks, err := filepath.Abs(filepath.Join("..", "..", "model", "pixelnet", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: "testdata", Cmds: scriptCommands, Setup: func(e *testscript.Env) error {
		e.Setenv("TINY", networks) // weights of a network that is as small as can be
		return nil
	}})
}

// The command line, with the datasets in a bucket.
func TestScriptsInABucket(t *testing.T) {
	_, root := s3test.Start(t)
	if err := os.Mkdir(filepath.Join(root, "shelf"), 0o777); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "bucket"), Cmds: scriptCommands,
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
				e.Setenv(name, os.Getenv(name))
			}
			for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
				e.Setenv(name, filepath.Join(e.WorkDir, "caches"))
			}
			e.Setenv("BUCKET", filepath.Join(root, "shelf"))
			e.Setenv(home.Variable, "s3://shelf/home")
			return nil
		},
	})
}

var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"code":     exitsWith,
	"oneline":  isOneLine,
	"await":    awaits,
	"setfrom":  setsFrom,
	"unbase64": decodes,
	"midi":     writesMIDI,
	"photo":    writesPhoto,

	"samepixels": comparesPixels,
}
