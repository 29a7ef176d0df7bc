package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/badinput"
	"atelier/internal/home"
	"atelier/internal/registry"
	"atelier/jobs"
	"atelier/model/run"
	"atelier/page"
	"atelier/server"
)

// serving holds the flags of the studio.
type serving struct {
	place     server.Place
	shares    []string
	maxUpload string
	apps      int
	marks     *marks
	quiet     bool
	logJSON   bool
}

func newStudio(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "studio",
		Short: "Serve apps, training and results to browsers and programs",
		Long: `Serve apps, training and results to browsers and programs, on this machine or encrypted
beyond it. It prints a link that opens the studio in a browser, once; programs send a token.
Jobs wait for their turn and survive the end of the program: a training continues from its last
checkpoint when the studio is started again. Ctrl-C stops it within ten seconds.`,
		Example: `  atelier studio
  atelier studio --listen 127.0.0.1:8080 --share photos=/srv/photos
  atelier studio --listen unix:/run/user/1000/atelier.sock
  atelier studio --listen 0.0.0.0:7777 --tls-cert cert.pem --tls-key key.pem
  atelier studio --public-url https://atelier.example.org`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return badinput.Errorf("no command %q of studio; %s", args[0], registry.Suggest(args[0], commands(cmd)))
		},
	}
	var s serving
	f := cmd.Flags()
	f.StringVar(&s.place.Listen, "listen", server.DefaultAddress, "listen on HOST:PORT, or on a socket as unix:PATH; beyond this machine only encrypted")
	f.StringVar(&s.place.Cert, "tls-cert", "", "file of the certificate, in PEM")
	f.StringVar(&s.place.Key, "tls-key", "", "file of the certificate's key, in PEM")
	f.StringVar(&s.place.Public, "public-url", "", "address that people use if a proxy encrypts before the studio, such as https://atelier.example.org")
	f.StringArrayVar(&s.shares, "share", nil, "folder that clients may name as NAME/PATH: NAME=FOLDER or FOLDER; may be repeated")
	f.StringVar(&s.maxUpload, "max-upload", "4GiB", "size limit of an upload")
	f.IntVar(&s.apps, "jobs", 0, "apps that run at the same time, besides training; 0 is one per core")
	f.BoolVar(&s.quiet, "quiet", false, "log failures only, not every request")
	f.BoolVar(&s.logJSON, "log-json", false, "log as JSON lines")
	c.computes(cmd)
	s.marks = addMarks(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.serve(cmd.Context(), &s) }
	cmd.AddCommand(newStudioLink(c), newStudioToken(c))
	return cmd
}

// studioHome is the folder of the studio on this machine.
func studioHome() (string, error) {
	place, err := home.Datasets()
	if err == nil {
		place, err = home.Local(place)
	}
	if err != nil {
		return "", err
	}
	return filepath.Abs(place)
}

// serve runs the studio until it is stopped.
func (c *cli) serve(ctx context.Context, s *serving) (err error) {
	limits, shares, err := s.bounds()
	if err != nil {
		return err
	}
	place, err := studioHome()
	if err != nil {
		return err
	}
	server.KeepPrivate() // what people make here is not for other users of the machine
	hold, err := server.HoldHome(place)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hold.Release()) }()
	owner, err := server.OwnerToken(place)
	if err != nil {
		return err
	}
	workshop, done, err := c.workshop()
	if err != nil {
		return err
	}
	defer done()
	if workshop.Marking, err = s.marks.marking(); err != nil {
		return err
	}
	workshop.Marking.WherePossible = true
	if workshop.Verifier, err = c.verifier(nil, ""); err != nil {
		return err
	}
	l, err := server.OpenLedger(ctx, place)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	at, err := s.place.Open()
	if err != nil {
		return err
	}
	defer at.Close()
	srv, err := server.New(server.Config{Home: place, Ledger: l, Workshop: workshop, Owner: owner, Hosts: at.Hosts, Secure: at.Secure,
		Shares: shares, Limits: limits, Log: s.logger(c)})
	if err != nil {
		return err
	}
	page.Mount(srv, place)
	if err := hold.Announce(server.Holder{PID: os.Getpid(), URL: at.URL, Listen: at.Addr().String()}); err != nil {
		return err
	}
	c.say("the studio is ready; what it makes is in %s, and runs are in %s", filepath.Join(place, "outputs"), c.runs)
	if at.URL != "" {
		c.say("open %s/#code=%s", at.URL, srv.Code())
		c.say("the link works once, within 15 minutes; atelier studio link prints another one")
	} else {
		c.say("listening on %s", s.place.Listen)
	}
	return srv.Serve(ctx, at.Listener, at.TLS)
}

// bounds reads the limits and the shared folders.
func (s *serving) bounds() (server.Limits, map[string]string, error) {
	limits := server.UsualLimits()
	bytes, err := humanize.ParseBytes(s.maxUpload)
	if err != nil || bytes < 1 || bytes > 1<<50 {
		return limits, nil, badinput.Errorf("--max-upload: want a size such as 500MB or 4GiB, got %q", s.maxUpload)
	}
	limits.Upload = int64(bytes)
	limits.All.Bytes = max(limits.All.Bytes, 2*limits.Upload)
	if s.apps < 0 || s.apps > 256 {
		return limits, nil, badinput.Errorf("--jobs: want 0 to 256, got %d", s.apps)
	}
	if s.apps > 0 {
		limits.Apps = s.apps
	}
	shares := map[string]string{}
	for _, share := range s.shares {
		name, folder, named := strings.Cut(share, "=")
		if !named {
			folder, name = share, filepath.Base(share)
		}
		if err := jobs.CheckName(name); err != nil {
			return limits, nil, badinput.Errorf("--share: %w", err)
		}
		if folder, err = filepath.Abs(folder); err != nil {
			return limits, nil, err
		}
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			return limits, nil, badinput.Errorf("--share: %s is not a folder", folder)
		}
		shares[name] = folder
	}
	return limits, shares, nil
}

// logger writes lines about requests to standard error.
func (s *serving) logger(c *cli) *slog.Logger {
	how := &slog.HandlerOptions{Level: slog.LevelInfo}
	if s.quiet {
		how.Level = slog.LevelError
	}
	if s.logJSON {
		return slog.New(slog.NewJSONHandler(c.err, how))
	}
	return slog.New(slog.NewTextHandler(c.err, how))
}

// gatherTime is how long a request for a picture waits for others of the same run.
const gatherTime = 2 * time.Millisecond

// workshop opens what does the jobs.
func (c *cli) workshop() (*jobs.Workshop, func(), error) {
	place, err := home.Datasets()
	if err != nil {
		return nil, nil, err
	}
	st, err := store.Open(place)
	if err != nil {
		return nil, nil, err
	}
	studio, done, err := c.studio(newMeter(c.console))
	if err != nil {
		return nil, nil, err
	}
	studio.Loaded, studio.Gather = run.NewLoaded(0), gatherTime
	library := &library.Library{Store: st, Home: st.Home(), Program: thisVersion().programCommit()}
	widen := func(env *app.Env) { env.Remote, env.Fetch = remoteSettings(), fetchPage }
	return &jobs.Workshop{Studio: studio, Library: library, PDF: readPDF, Widen: widen}, func() { studio.Loaded.Close(); done() }, nil
}
