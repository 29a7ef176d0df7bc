package page

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atelier/app"
)

// Every text of the templates, of the scripts, every name of an app and its inputs, and every line of
// help has a line in Chinese.
func TestChinese(t *testing.T) {
	said := regexp.MustCompile(`\bt "((?:[^"\\]|\\.)*)"`)
	var texts []string
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil || len(names) < 10 {
		t.Fatal(err, names)
	}
	for _, name := range names {
		b, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(b), -1) {
			texts = append(texts, m[1])
		}
	}
	texts = append(texts, spoken()...)
	texts = append(texts, "%s works", "1 work", lost, givenTo, builtInAnswers)
	texts = append(texts, curves...)
	for _, o := range cleaning() {
		texts = append(texts, o.Label)
	}
	for _, g := range groups() {
		texts = append(texts, g.Title)
	}
	helps := map[string]bool{}
	for _, s := range settings() {
		texts = append(texts, s.Label)
		helps[s.Help] = true
	}
	for name := range app.Apps.Docs() {
		if chineseApps()[name] == "" {
			t.Errorf("the app %s has no line in Chinese", name)
		}
		texts = append(texts, titleOf(name))
		a, err := app.Apps.New(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range app.Inputs(a) {
			texts = append(texts, labelOf(in))
			if groupOf(name, a) != "" { // it has a form
				helps[helpOf(in.Help)] = true
			}
		}
	}
	delete(helps, "") // says no more than its label
	if want, have := slices.Sorted(maps.Keys(helps)), slices.Sorted(maps.Keys(chineseWords().Help)); !slices.Equal(want, have) {
		t.Error("lines of help, wanted and in Chinese:", cmp.Diff(want, have))
	}
	shownTexts := chineseTexts()
	maps.Copy(shownTexts, chineseShown())
	for text, shown := range shownTexts {
		if name := chineseNames()[text]; name != "" && name != shown {
			t.Errorf("%q is %q as a text and %q as the name of an app or an input", text, shown, name)
		}
	}
	slices.Sort(texts)
	for _, text := range slices.Compact(texts) {
		if chinese()[text] == "" {
			t.Errorf("%q has no line in Chinese", text)
		}
		if strings.Count(text, "%") != strings.Count(chinese()[text], "%") {
			t.Errorf("%q takes other values in Chinese: %q", text, chinese()[text])
		}
	}
}

// An input of the same name is called by what it is: a way to search, and an amount of semitones.
func TestBy(t *testing.T) {
	s := startOn(t, t.TempDir(), "127.0.0.1:0")
	for path, want := range map[string]string{"/make/search": "方式", "/make/describe": "方式", "/make/transpose": "移动量"} {
		if _, text, _ := s.get(path, "zh-CN", ""); !regexp.MustCompile(`for="[^"]*by"[^>]*>` + want).MatchString(text) {
			t.Errorf("%s does not have %s", path, want)
		}
	}
}

// A conversation in the trash is called as elsewhere.
func TestTrashInChinese(t *testing.T) {
	s := startOn(t, t.TempDir(), "127.0.0.1:0")
	job := s.done("chat", map[string]any{"message": "How do I train?"})
	if _, err := s.srv.Queue().Trash(t.Context(), job.ID); err != nil {
		t.Fatal(err)
	}
	if _, text, _ := s.get("/gallery?kind=trash", "zh-CN", ""); !strings.Contains(text, "<b>对话</b>") {
		t.Error(text)
	}
}

// What is said of an address without a page, and of what a model was given, is in Chinese too.
func TestSaidInChinese(t *testing.T) {
	s := startOn(t, t.TempDir(), "127.0.0.1:0")
	if _, text, _ := s.get("/trash", "zh-CN", ""); !strings.Contains(text, "没有页面 /trash") {
		t.Error(text)
	}
	for answer, want := range map[string]string{
		"Yes.\n" + givenTo + builtInAnswers + "; a.md, page 2)": "Yes.\n（给模型的资料：关于 Atelier 的内置问答; a.md, page 2)",
		"Yes.\nNo.": "Yes.\nNo.",
	} {
		if got := sourcesIn("zh", answer); got != want {
			t.Errorf("%q", got)
		}
		if got := sourcesIn("en", answer); got != answer {
			t.Errorf("%q", got)
		}
	}
}
