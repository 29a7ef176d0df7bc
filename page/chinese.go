package page

import (
	"maps"
	"sync"
)

// chinese are the texts of the pages in Chinese, by the English ones.
var chinese = sync.OnceValue(func() map[string]string {
	all := chineseTexts()
	maps.Copy(all, chineseShown())
	maps.Copy(all, chineseNames())
	return all
})

// chineseTexts are the texts of the frame, of data and of making.
func chineseTexts() map[string]string {
	return map[string]string{
		// the frame
		"Start": "开始", "Data": "数据", "Train": "训练", "Make": "创作", "Gallery": "作品", "Runs": "训练任务", "Chat": "对话", "Music": "音乐", "Rate": "评选",
		"Main": "主导航", "Skip to the content": "跳到正文", "Switch between light and dark": "切换浅色与深色",
		"The studio does not answer. This page goes on by itself when it is back.": "工作室没有回应。恢复后本页会自动继续。",
		"The studio does not answer.": "工作室没有回应。", "Sign in": "登录", "Not found": "没有找到", "Not Found": "没有找到", "Forbidden": "没有权限", "Unprocessable Entity": "请求有误", "Too Many Requests": "请求太多", "Service Unavailable": "服务暂时不可用", "Internal Server Error": "服务器出错了", "The page could not be made": "页面出错了", "Go to the start": "回到首页", lost: "没有页面 %s", "there is no such job": "没有这个任务",
		"Opening the studio…": "正在打开工作室……",
		"This studio shows itself only to its owner. Open the link that it printed when it was started, or print a new one:": "工作室只对主人开放。请打开启动时显示的链接，或者重新生成一个：",
		"A link works once, within 15 minutes. This browser then stays signed in for 30 days.":                               "链接在 15 分钟内可用一次，之后本浏览器保持登录 30 天。",
		// the start
		"What would you like to do?": "想做什么？", "Train on clothes": "学画衣服", "Clean a folder": "整理文件夹", "Write a story": "写故事",
		"A model learns to draw clothes from 10,000 pictures that come with the program. A few minutes.":    "模型从程序自带的一万张图片学习画衣服，只需几分钟。",
		"Choose a folder of pictures, texts or music: duplicates, blurred and broken files are sorted out.": "选择图片、文本或音乐文件夹：重复、模糊和损坏的文件会被剔除。",
		"A small language model of the program tells a children’s story, word by word.":                     "程序自带的小型语言模型逐字写一个儿童故事（英文）。",
		"Going on now": "正在进行", "Just made": "最近作品", "See all": "查看全部", "Disk": "磁盘", "Free": "剩余", "Folder": "文件夹",
		"Nothing yet. What you make appears here, with all it takes to make it again.": "还没有作品。做出的一切都会出现在这里，并附有重做所需的全部信息。",
		// data
		"Drop a folder, a zip or files here": "把文件夹、压缩包或文件拖到这里",
		"Pictures, texts or music (MIDI, ABC, MusicXML). Folders become labels. Everything stays on this machine.": "图片、文本或音乐（MIDI、ABC、MusicXML）。子文件夹名即标签。一切都留在本机。",
		"Choose a folder": "选择文件夹", "Choose files": "选择文件", "Choose a file": "选择文件", "Settings": "设置", "Name of the dataset": "数据集名称", "If empty, the name of the folder, or the time if that is not in letters from a to z. A dataset of that name gets a new version, with the works of the last one.": "留空则用文件夹的名字；名字不是英文字母时用时间。若已有同名数据集，则在上一版作品的基础上生成新版本。",
		"A name has up to 64 letters from a to z, digits, dots, dashes and underscores; a letter or digit first.": "名称最多 64 个字符：英文字母、数字、点、连字符和下划线，以字母或数字开头。",
		"Licence": "许可", "Licences": "许可", "Of works that do not state their own, such as CC-BY-4.0.": "用于没有自带许可的作品，例如 CC-BY-4.0。",
		"Cleaning": "清洗", "What is checked and sorted out.": "检查什么、剔除什么。", "Settings of the cleaning": "清洗设置", "Changes to it, separated by commas, such as size.width=64,blur=off.": "对清洗方式的修改，用逗号分隔，例如 size.width=64,blur=off。",
		"as usual: broken, empty and duplicated works, personal data": "常规：剔除损坏、空白和重复的作品，去掉个人信息", "from the web: also blurred, small and poor ones": "网络来源：还剔除模糊、过小和低质量的作品", "nothing: works stay as they are": "不清洗：作品保持原样",
		"Your datasets": "我的数据集", "version %d": "第 %d 版", "%s works": "%s 件作品", "1 work": "1 件作品",
		"No dataset yet. Drop a folder above; it is checked, cleaned and split into a part to learn from and a part to test with.": "还没有数据集。把文件夹拖到上面：检查、清洗后，分成学习和测试两部分。",
		"Well-known sets": "公开数据集", "Fetched from where they are published, with their licences, when you add them; this needs a network or a mirror.": "添加时从发布处下载，附许可；需要网络或镜像。",
		"Add": "添加", "Uploading %s": "正在上传 %s", "%s of %s files": "%s / %s 个文件", "%s files": "%s 个文件", "No file could be uploaded.": "没有文件上传成功。",
		"Train on it": "用它训练", "To learn from": "用于学习", "To test with": "用于测试", "Left out": "剔除", "Size": "大小", "Made": "制作时间", "Classes": "类别", "Class": "类别", "Works": "作品",
		"The works have no labels. Works in folders get the name of their folder as label.": "作品没有标签。放在子文件夹里的作品以文件夹名为标签。",
		"What cleaning did": "清洗结果", "Step": "步骤", "Seen": "检查", "Changed": "修改", "Steps that found nothing:": "没有发现问题的步骤：", "Nothing was cleaned.": "没有进行清洗。", "Left out, and why": "剔除的作品及原因",
		"All": "全部", "File": "文件", "Files": "文件", "Reason": "原因", "In detail": "详情", "More": "更多", "Sources": "来源", "Source": "来源", "Attribution": "署名", "Hash": "散列值",
		"%s works to learn from, %s to test with; %s left out.": "%s 件用于学习，%s 件用于测试；剔除 %s 件。", "See the dataset": "查看数据集",
		"Forget": "遗忘", "Forget %s": "遗忘 %s", "Forget this work?": "遗忘这件作品？", "Forget and erase": "遗忘并抹除", "Cancel": "取消",
		"A new version of the dataset is made without it, and it is left out when it is collected again. Older versions keep it unless it is erased; models that learned from it are named.": "会生成不含它的新版本，以后再收集时也会略过。旧版本仍保留它，除非抹除；学过它的模型会列出。",
		"Forgotten; %s learned from it.": "已遗忘；学过它的模型：%s。", "Forgotten; no known model learned from it.": "已遗忘；没有已知的模型学过它。",
		// making
		ofRuns: "用自己的模型", ofPictures: "处理图片", ofMusic: "处理音乐", ofTexts: "文字", ofScores: "评测",
		"No model fits yet.": "还没有合适的模型。", "Train one first": "先训练一个", "Make it": "生成", "What you make appears here.": "结果会显示在这里。",
		"Paint over what shall be filled": "涂抹要填补的部分", "Picture to paint on; drag to paint": "涂抹用的图片；拖动即可涂抹", "Brush": "笔刷", "Erase": "擦除", "Undo": "撤销", "Clear": "清空",
		"More settings": "更多设置", "needed": "必填", "Each work in a file of its own": "每件作品单独一个文件", "Other recipes": "其他配方", "There are no runs yet.": "还没有训练任务。", "Remove": "移除", "Choose or drop a file": "选择或拖入文件", "Choose or drop files": "选择或拖入多个文件", "Earlier results": "以前的结果", "Close": "关闭",
		"none": "无", "automatic": "自动", "one a line": "每行一个", "Another seed": "换一个种子", "Progress": "进度", "Nothing yet that fits here.": "还没有合适的结果。",
		"Working": "处理中", "%s left": "剩余 %s", "%s s": "%s 秒", "%s min": "%s 分钟", "%s h": "%s 小时", "Waiting for its turn": "排队中", "Starting": "正在启动", "It failed.": "失败了。", "The notes of %s": "%s 的音符",
	}
}

// chineseShown are the texts about what was made and trained.
func chineseShown() map[string]string {
	return map[string]string{
		// jobs
		"queued": "排队中", "running": "进行中", "done": "完成", "failed": "失败", "cancelled": "已取消", "Stop": "停止", "Try again": "重试",
		"Before": "之前", "After": "之后", "Before and after": "前后对比", "Hear it": "播放", "See the notes": "查看音符", "Download": "下载", "Use it in": "继续用于",
		"%s more files are in the folder of results.": "结果文件夹里还有 %s 个文件。", "What was found": "详细结果", "Make again": "再做一次", "Vary": "换个样子", "Delete": "删除",
		"How it was made": "制作方式", "Job": "任务", "Moved to the trash.": "已移到回收站。",
		"Score": "指标", "Scores": "评分", "Value": "数值", "95 % interval": "95 % 区间", "Real against real": "真实数据基准", "Better": "越…越好", "Samples": "样本", "lower": "低", "higher": "高", "neither": "–",
		// gallery
		"Pictures": "图片", "Texts": "文本", "Nothing here yet": "这里还是空的", "Everything that is made with this studio is kept here, with what it takes to make it again.": "工作室做出的一切都保存在这里，随时可以重做。",
		"Make something": "去创作", "Was this made here?": "这是这里生成的吗？", "Drop any picture or piece of music: you see whether it is labelled as generated, and by what.": "拖入任何图片或音乐：查看它是否带有生成标识，由什么生成。",
		"%s is labelled: made with Atelier": "%s 带有生成标识：由 Atelier 制作", "seeds": "种子", "that run is here": "该训练任务在本机", "that run is not here": "该训练任务不在本机",
		"Mark the subject and what is around it": "标出主体和周围的背景", "Subject": "主体", "Background": "背景",
		"Drag the layers into place": "拖动图层到合适的位置", "Layers on the picture": "图片上的图层", "Turn": "旋转", "Opacity": "不透明度", "Blend": "混合",
		"Layers on the picture: drag to move; arrows, plus, minus and brackets do the same; space takes the next": "图片上的图层：拖动即可移动；也可用方向键、加减号和方括号；空格换下一个",
		// ratings
		"Judge by eye or ear: two works side by side, without a word of where they are from. You say which is better.": "凭眼或凭耳评判：两件作品并排，不透露来源，由你说哪一件更好。",
		"%s votes": "%s 票", "New rating": "新的评选", "Whose works? Choose two or more, or one and a dataset.": "评选哪些作品？选两组以上，或一组加一个数据集。",
		"Real works beside them": "混入真实作品", "Real or generated? Works of a dataset are shown among the others.": "真实还是生成？数据集中的作品会混在其中。", "Begin": "开始",
		"Nothing to judge yet": "还没有可评的作品", "Make some works first, with two models or two settings and the same seeds, each work in a file of its own.": "先用两个模型或两种设置、相同的种子各做一些作品，每件单独一个文件。",
		"Your name": "你的名字", "The left one": "左边更好", "The right one": "右边更好", "No difference": "不分上下", "That was the last pair. Thank you.": "已是最后一对，谢谢。", "See the result": "查看结果",
		"What the votes say so far": "目前的结果", "Whose works": "一方", "Won": "胜", "Tied": "平", "Lost": "负", "There are no votes yet.": "还没有投票。", "a work": "一件作品", "%s of %s": "%s / %s",
		"%s: %s votes, %s for the left and %s for the right; the same answer to %s of %s pairs that were asked again":       "%s：%s 票，选左 %s、选右 %s；重问的 %[7]s 对中有 %[6]s 对回答一致",
		"A score is the logarithm of a side’s strength (Bradley and Terry): a side that is 1 ahead wins 73 % of the pairs.": "分数是一方实力的对数（Bradley-Terry 模型）：高 1 分的一方胜率为 73 %。",
		// runs
		"Filter by name": "按名称筛选", "State": "状态", "Filter": "筛选", "Compare": "比较", "Run": "训练任务", "Best score": "最佳评分", "Begun": "开始于", "No run fits the filter.": "没有符合条件的训练任务。", "Compare two": "比较两个",
		"No runs yet": "还没有训练任务", "A run is one training: its settings, its curves, what it draws and how good that is.": "一个训练任务就是一次训练：设置、曲线、画出的样子和评分都在这里。", "Train the first": "开始第一个",
		"all": "全部", "training": "训练中", "stopped": "已停止", "damaged": "损坏", "Train longer": "继续训练更久", "Resume": "继续训练",
		"Losses": "损失", "Curves of the losses over the steps": "损失随步数变化的曲线", "The curves begin with the first steps.": "训练开始后显示曲线。", "What it makes": "生成效果", "Samples of the same seeds at a step": "同一批种子在某一步的样本",
		"Step of the training": "训练步数", "Previews": "预览", "The first preview comes soon.": "第一张预览很快就来。", "Make with it": "用它创作", "Measure again": "重新评测", "It is measured at the end of the training.": "训练结束时进行评测。",
		"The run file": "配置文件", "Train to how many steps?": "训练到多少步？", "Want more steps than it has.": "步数要比现在多。", "step": "步", "classifier": "分类器", "flow": "流匹配", "held-out": "测试数据", "lm": "语言模型", "pair": "图文配对", "penalty": "惩罚项", "predict": "预测",
		"First run": "第一个", "Second run": "第二个", "Settings that differ": "不同的设置", "Setting": "设置项", "%s settings are the same.": "%s 项设置相同。", "Scores and samples at the same seeds": "相同种子的评分与样本",
		"Compare them": "开始比较", "It was not measured.": "没有评测。", "Choose two runs.": "请选择两个训练任务。",
		// playing, branching and cards
		"Playground": "试验场", "What a model draws, by its settings. Drawings go into the trash when others take their place or you leave, unless you keep them.": "看看模型在不同设置下画出什么。重画或离开时，没有保留的会移到回收站。",
		"First seed": "第一个种子", "any": "任意", "A truncation below 1 makes samples more typical and less varied.": "截断小于 1 时，样本更典型、变化更少。", "Draw samples": "生成", "Keep this": "保留", "seed": "种子",
		"Walk from here": "从这里出发", "Walk to here": "走到这里", "Nearest training pictures": "最相近的训练图片",
		"A sample beside the pictures of the training data that are most like it, in pixels and in the space of the scores: a copy would be among them.": "样本与训练数据中最像它的图片并排，按像素和评分所用的特征空间：若是抄袭，会出现在其中。",
		"Walk between two seeds": "在两个种子之间漫步", "From seed": "起点种子", "To seed": "终点种子", "Draw the walk": "生成漫步", "A step of the walk": "漫步中的一步", "Step of the walk": "漫步的位置",
		"Grid over two settings": "两种设置的网格", "Down": "纵向", "Across": "横向", "Draw the grid": "生成网格", "Each picture has the settings of its row and its column, and else those above.": "每张图片用所在行和列的设置，其余按上面。", "Choose two settings.": "请选择两种不同的设置。", "A seed is a whole number from 0 to 18446744073709551615.": "种子是 0 到 18446744073709551615 的整数。",
		"Card": "模型卡", "Checkpoints": "检查点", "Checkpoint": "检查点", "step %s": "第 %s 步", "the best": "最佳", "Branch": "分支", "Prune": "精简", "Name": "名称", "Make the branch": "建立分支", "%s MiB freed.": "释放了 %s MiB。",
		"A branch is a new run that goes on from a checkpoint. Pruning removes what neither drawing nor resuming needs: all but the newest and the best.": "分支是从某个检查点继续的新训练任务。精简会删除生成和继续训练都用不到的部分：只留最新和最佳的检查点。",
		"What it cannot do": "它做不到的", "What it asks of those who pass works on": "对传播作品的人有何要求", "To credit:": "须署名：", "Left out by": "由谁剔除", "Copies of training data": "对训练数据的抄袭", "Energy": "能耗", "In words": "文字说明", "From the data to the samples": "从数据到样本", "Part": "环节",
		"left out": "剔除", "kept": "保留", "Picture": "图片", "New version": "新版本", "There is a later version.": "已有更新的版本。", "See the newest": "查看最新版", "Drop what %s is to have besides": "把要加进 %s 的作品拖到这里",
		"Open in a tab": "在新标签页打开", "Further figures": "其他数据", "Below each score is its 95 % interval. “Compare them” draws samples of the same seeds, and says which differences are noise.": "每个评分下面是 95 % 区间。“开始比较”会画出相同种子的样本，并指出哪些差别只是噪声。", "The file": "文件内容", "Films and spaces": "影片与空间", "Trash": "回收站", "Restore": "恢复", "Remove for good": "彻底删除", "The trash is empty.": "回收站是空的。", "Restored.": "已恢复。", "Remove it for good?": "要彻底删除吗？", "job": "任务", "run": "训练任务", "upload": "上传",
		"Its label is whole: the work is the one that was labelled.": "标识完整：作品与加标识时一致。", "Its label is not whole:": "标识不完整：", "Signed by %s; unchanged since.": "由 %s 签名，此后未改动。", "It has a signature, which does not hold.": "带有签名，但签名无效。", "The invisible watermark was found.": "找到了隐形水印。",
		"Branch from here": "从这里分支", givenTo: "（给模型的资料：", builtInAnswers: "关于 Atelier 的内置问答", "Delete this conversation for good, with its answers?": "彻底删除这个对话和其中的回答？",
		"Computed": "计算评分", "Different raters gave the same answer to %s of %s questions.": "不同评分者对 %[2]s 个问题中的 %[1]s 个回答一致。", "Keep with the scores of the runs": "存为训练任务的评分", "As the score “rated”, which comparisons show beside the computed ones.": "存为评分 rated，比较时与计算的评分并列。", "Kept": "已保存",
		// training
		"A model learns from works and then makes new ones like them.": "模型从作品中学习，再做出类似的新作品。", "What to learn from": "学习素材", "With the program": "程序自带", "pictures": "图片", "texts": "文本", "music": "音乐",
		"To learn from works of your own, ": "要用自己的作品训练，", ".": "。", "make a dataset of them first": "请先制作数据集", "How long": "时长", "Minutes": "分钟",
		"About so long: the speed is measured first. If empty, as the recipe says.": "大致时长：会先测速度。留空则按配方。", "as the recipe says": "按配方", "Other settings": "其他设置", "One key=value a line, as in the run file.": "每行一个 key=value，写法同配置文件。",
		"The command that this stands for": "对应的命令", "Curves and pictures appear while it trains. It can be stopped and resumed, and goes on by itself after the studio was closed.": "训练时显示曲线和图片。可以随时停止、继续；工作室关闭后重开会自动接着训练。",
		// talking and music
		"New conversation": "新对话", "Conversations": "对话列表", "Message": "消息", "Your message; Enter sends it": "输入消息，回车发送", "Model": "模型", "No model: answers are looked up": "不用模型：查找答案", "Send": "发送",
		"Ask about Atelier, in English or Chinese: “How do I train on my own pictures?” Answers are looked up, not invented; choose a model to have them written.": "可以用中文或英文询问 Atelier：“怎样用自己的图片训练？”答案是查出来的，不是编的；也可以选一个模型来写。",
		"Drop a piece of music here": "把乐曲拖到这里", "MIDI, ABC or MusicXML: you hear it and see its notes.": "MIDI、ABC 或 MusicXML：可以听，也可以看音符。", "Compose": "作曲", "Runs that learned music write MIDI files.": "学过音乐的模型写出 MIDI 文件。",
		"No model has learned yet.": "还没有训练过的模型。", "Make a dataset of pieces first": "先用乐曲做一个数据集", "Pieces": "乐曲", "No piece yet.": "还没有乐曲。", "Compose a piece": "作一首曲子", "Choose style, key and instruments": "选择风格、调和乐器", "A model that comes with the program composes; runs of yours that learned music do too.": "由程序自带的模型作曲；你训练过的音乐模型也可以。",
	}
}
