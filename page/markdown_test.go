package page

import (
	"strings"
	"testing"
)

// Markdown is shown with its marks, and fetches and runs nothing.
func TestFormatted(t *testing.T) {
	for text, want := range map[string]string{
		"Run `atelier train`.\nThen **wait**.":              "<p>Run <code>atelier train</code>.<br>\nThen <strong>wait</strong>.</p>\n",
		"# One":                                             "<p><strong>One</strong></p>\n",
		"- a\n- b":                                          "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n",
		"```\n<b>\n```":                                     "<pre><code>&lt;b&gt;\n</code></pre>\n",
		"a <img src=x onerror=alert(1)> b":                  "<p>a  b</p>\n",
		"<script>alert(1)</script>":                         "",
		"![a *cat*](https://example.org/cat.png)":           "<p>a <em>cat</em></p>\n",
		"[here](javascript:alert(1)) [there](docs/data.md)": "<p>here there</p>\n",
		`[web](https://example.org/?a="b&c "title")`:        `<p><a href="https://example.org/?a=&#34;b&amp;c" target="_blank" rel="noopener noreferrer">web</a></p>` + "\n",
		"<https://example.org> <data:text/html,x>":          `<p><a href="https://example.org" target="_blank" rel="noopener noreferrer">https://example.org</a> data:text/html,x</p>` + "\n",
		"| a | b |\n|:--|--:|\n| 1 | 2 |":                   "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n",
		"一 < 二 & 三":                                         "<p>一 &lt; 二 &amp; 三</p>\n",
	} {
		got, err := formatted(text)
		if err != nil || string(got) != want {
			t.Errorf("%q: %q, want %q, %v", text, got, want, err)
		}
	}
	if got, err := formatted(strings.Repeat("> ", 5000) + "deep"); err != nil || !strings.Contains(string(got), "deep") {
		t.Error(len(got), err)
	}
}
