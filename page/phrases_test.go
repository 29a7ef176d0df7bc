package page

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"atelier/jobs"
	"atelier/model/metric"
)

// telling are the functions whose texts people read: errors, and lines about jobs.
var tellingCalls = []string{"failf", "fieldf", "laterf", "Errorf", "Unfit", "notice", "Notice", "say", "Log"}

// deep are files whose messages stay in English: what only a command line or another program meets, and
// the figures of apps that look into models.
var deep = []string{
	"server/listen.go", "server/hold.go", "server/asking.go", "server/tokens.go", // of the command line
	"app/blind.go", "app/rated.go", "app/reading.go", "app/app.go", "app/file.go", "app/train.go",
	"app/among.go", "app/handedin.go", "app/request.go", "app/reproduce.go", "app/interpolate.go", // of labels that are made again
	"app/attention.go", "app/directions.go", "app/dissect.go", "app/describe.go", "app/search.go", "app/inspect.go", "app/saliency.go", "app/variations.go", // figures
	"app/dataadd.go", "app/chat.go", "app/works.go",
}

// unsaid are other messages that stay in English.
var unsaid = []string{
	"this is a token, and no session; revoke it with DELETE %s/tokens/%s", "another request was sent with the key %q", "want wait=SECONDS with 1 to %d, got %q", // of programs
	"panic: %v\n%s", "%d jobs did not end in %v; they wait again when the program starts", "a tune cannot be played: %w", "the label says that the file is one of %d, but not which one",
}

// composed are phrases that the program puts together from pieces, and words that it puts in.
var composed = regexp.MustCompile(`^(want (at least|at most|%s to) %s.* got %s|did you mean .*|there are %s.*|%d [a-z ]+|comparing \(%s\)|reading %s, pages:|fetching %s|the number %s|a whole number from %s to %s|argument %s: %s|no setting %q; %s|no run %q|want %s, got %s|the string %q|%s has no chat template: .*|%s has no notes|%s is MusicXML that is damaged .*|%s is not music that can be read: .*|this machine has %s.*|unexpected EOF)$`)

// literals are the texts in a file of the program, and the messages among them.
func literals(t *testing.T, name string) (all, messages []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := func(x ast.Expr) string {
		if c, ok := x.(*ast.CallExpr); ok && calledIn(c) == "Sprintf" {
			x = c.Args[0]
		}
		l, ok := x.(*ast.BasicLit)
		if !ok || l.Kind != token.STRING {
			return ""
		}
		s, err := strconv.Unquote(l.Value)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok {
			if s := text(x); s != "" {
				all = append(all, s)
			}
		}
		c, ok := n.(*ast.CallExpr)
		if !ok || !slices.Contains(tellingCalls, calledIn(c)) {
			return true
		}
		for _, a := range c.Args {
			s := text(a)
			if word := value().ReplaceAllString(s, ""); strings.Contains(s, " ") && strings.ContainsFunc(word, func(r rune) bool { return 'a' <= r && r <= 'z' }) {
				messages = append(messages, s)
			}
		}
		return true
	})
	return all, messages
}

// calledIn is the name of the function that is called.
func calledIn(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// Every message that people meet on pages is in Chinese, and no Chinese is of one that is not said.
func TestMessagesInChinese(t *testing.T) {
	words := chineseWords().Messages
	texts := map[string]bool{}
	for _, folder := range []string{"server", "jobs", "app", "model", "data", "internal"} {
		err := filepath.WalkDir(filepath.Join("..", folder), func(name string, e fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			all, messages := literals(t, name)
			for _, s := range all {
				texts[s] = true
			}
			name = filepath.ToSlash(strings.TrimPrefix(name, ".."+string(filepath.Separator)))
			if !slices.Contains([]string{"server", "jobs", "app"}, folder) || slices.Contains(deep, name) {
				return nil
			}
			for _, m := range messages {
				if words[m] == "" && !slices.Contains(unsaid, m) {
					t.Errorf("%s: %q has no line in Chinese", name, m)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for form := range words {
		if !texts[form] && !composed.MatchString(form) {
			t.Errorf("nothing says %q", form)
		}
	}
}

// The reasons for which works are left out are in Chinese, but for those that have a name in them.
func TestReasonsInChinese(t *testing.T) {
	given := regexp.MustCompile(`(?:Dropf\(|Reason: +|Reason\(\) string \{ return |(?:undecodable|tooLarge|symbolicLink|unknownKind|wrongType|emptyRow) += )"([^"]*[^" ])"`)
	found := 0
	err := filepath.WalkDir(filepath.Join("..", "data"), func(name string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		b, err := os.ReadFile(name)
		for _, m := range given.FindAllStringSubmatch(string(b), -1) {
			if found++; reasonIn("zh", m[1]) == m[1] || reasonIn("en", m[1]) != m[1] {
				t.Errorf("%s: %q has no line in Chinese", name, m[1])
			}
		}
		return err
	})
	if err != nil || found < 50 {
		t.Error(found, err)
	}
}

// Every phrase has its values in Chinese too.
func TestPhrases(t *testing.T) {
	forms := metric.VerdictForms()
	for _, form := range forms {
		if chineseWords().Verdicts[form] == "" {
			t.Errorf("the verdict %q has no line in Chinese", form)
		}
	}
	for form := range chineseWords().Verdicts {
		if !slices.Contains(forms, form) {
			t.Errorf("no verdict says %q", form)
		}
	}
	for _, p := range phrases() {
		var values []string
		n := 0
		text := value().ReplaceAllStringFunc(p.form, func(verb string) string {
			n++
			v := fmt.Sprintf("%d", 40+n)
			if verb[len(verb)-1] == 'q' {
				v = strconv.Quote("x" + v)
			}
			values = append(values, v)
			return v
		})
		text = strings.ReplaceAll(text, "%%", "%")
		said, ok := p.say(text)
		if !ok || strings.Contains(said, "%!") || strings.Contains(said, "%%") {
			t.Errorf("%q is %q in Chinese", text, said)
		}
		for _, v := range values {
			if !strings.Contains(said, v) {
				t.Errorf("%q is %q in Chinese, without %s", text, said, v)
			}
		}
	}
}

// Messages are in Chinese with what is in them: the name of an input or a file before them, other
// messages, and what might be meant.
func TestSaidIn(t *testing.T) {
	for text, want := range map[string]string{
		"picture: want a file": "picture: 请选择文件", "": "", "something new": "something new",
		"n: want at most 10000 in one request, got 100000":                                                   "n: 一次最多 10000，实际为 100000",
		`class: no class "shoe"; did you mean "shoes"? there are bag, shoes`:                                 `class: 没有类别 "shoe"；是不是 "shoes"？可用：bag, shoes`,
		"the job is in another state: it is done; one that failed or was cancelled can be retried":           "任务处于别的状态：它已完成；只有失败或取消的任务可以重试",
		"hills.png has 16 bits per channel; the output has 8":                                                "hills.png 每通道 16 位；结果为 8 位",
		"seed: it is the number -1; want a whole number from 0 to 18446744073709551615":                      "seed: 它是数字 -1；应为从 0 到 18446744073709551615 的整数",
		"a.png: not a picture that can be read; there are PNG, JPEG, GIF, WebP, BMP, TIFF, PBM, PGM and PPM": "a.png: 不是能读取的图片；可用 PNG、JPEG、GIF、WebP、BMP、TIFF、PBM、PGM 和 PPM",
		"archive a.zip: cut short or damaged (unexpected EOF)":                                               "压缩包 a.zip：不完整或已损坏（内容提前结束）",
		"a.mid has no notes":                       "a.mid 没有音符",
		`no recipe "fashon"; there are bag, shoes`: `没有配方 "fashon"；可用：bag, shoes`,
		`no run "x" in runs; there are none yet; train one with: atelier train fashion`:                                                                     `没有训练任务 "x"（在 runs 中）；还没有；可用命令训练一个：atelier train fashion`,
		"times: a picture of 9×9 pixels would need about 28 TB of memory; this machine has 23.5 GB, of which 9 GB are free: up to about 3.5 megapixels fit": "times: 9×9 像素的图片约需 28 TB 内存；本机有 23.5 GB，空闲 9 GB：最多约 3.5 百万像素",
		"first: something new\nphoto.png: the file is empty":                                                                                                "first: something new\nphoto.png: 文件是空的",
	} {
		if got := saidIn("zh", text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
		if got := saidIn("en", text); got != text {
			t.Errorf("%q is %q in English", text, got)
		}
	}
}

// A page has buttons where a command line has commands, and fields where it has flags.
func TestPlain(t *testing.T) {
	const text = "More steps may still help: train it longer (atelier train --resume RUN steps=N). See --truncation."
	if got, want := plain("en", text), "More steps may still help: train it longer. See “Truncation”."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	typed := "add them with: atelier weights add dncnn-25 --mirror FOLDER; or see --model"
	if got := plain("en", typed); got != "add them with: atelier weights add dncnn-25 --mirror FOLDER; or see “Model”" {
		t.Error(got)
	}
}

// The API says what is wrong in the language of who asks: refusals, failed jobs and their notices.
func TestRefusedInChinese(t *testing.T) {
	s := startOn(t, t.TempDir(), "127.0.0.1:0")
	var failed jobs.Job
	s.post("/apps/generate", map[string]any{"run": "none"}, &failed)
	at := fmt.Sprintf("/api/v1/jobs/%d", failed.ID)
	for path, want := range map[string]string{
		"/api/v1/runs/none": "没有训练任务", "/runs/none": "没有训练任务", "/data/none": "没有数据集", "/api/v1/uploads/none": "没有上传", "/make/nothing": "没有 app",
		at: "没有训练任务", "/api/v1/jobs": "没有训练任务", fmt.Sprintf("/jobs/%d", failed.ID): "没有训练任务", "/jobs/99": "没有这个任务",
	} {
		if _, text, _ := s.get(path, "zh-CN", ""); !strings.Contains(text, want) {
			t.Errorf("%s: %s", path, text)
		}
		if _, text, _ := s.get(path, "en", ""); strings.Contains(text, want) {
			t.Errorf("%s in English: %s", path, text)
		}
	}
	if status, text, _ := s.get("/api/v1/jobs", "zh-CN", "none"); status != http.StatusUnauthorized || !strings.Contains(text, "令牌") {
		t.Error(status, text)
	}
}
