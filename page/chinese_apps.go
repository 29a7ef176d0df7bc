package page

// chineseApps are the lines about the apps in Chinese.
func chineseApps() map[string]string {
	return map[string]string{
		"chat": "用中文或英文回答关于 Atelier 或你的文档的问题；不需要模型，也可以用模型来写", "compare": "比较在同样数据上训练的模型，并指出哪些差别只是噪声",
		"compose": "按一种风格作曲：MIDI、ABC、MusicXML、录音或钢琴卷帘", "animate": "把一张图片做成首尾相接的影片：像水一样流动，或像草一样摇摆；不需要训练", "visualize": "按音乐做影片：随起音和响度在模型的样本之间行走", "continue": "让乐曲或短片继续下去", "infill": "重写乐曲中的几个小节，使其与前后衔接",
		"collage": "把图片层层叠放：移动、旋转、淡化、加蒙版，或无缝融合", "cutout": "用方框、标记、三分图，或能找出人物的网络，从图片中抠出主体；不需要训练", "denoise": "用预训练网络给图片降噪", "enlarge": "把图片放大 2、3、4 或 8 倍：用预训练网络，没有网络时用 Lanczos 插值", "describe": "用相似图片的说明描述一张图片，或由解码器写出", "draw": "按一段中文或英文描述画图", "search": "按文字或相似图片在数据集或文件夹中查找；不需要训练", "sheet": "把图片排成行列并加说明，做成目录页", "stylize": "把图片画成另一张图片的风格：用图块，或用预训练的风格网络",
		"convert": "把乐曲转成另一种格式：MIDI、ABC 或 MusicXML", "data add": "从来源收集、清洗并保存数据集的新版本", "evaluate": "给模型的最佳检查点评分，或给任意程序做的图片、文本文件夹评分",
		"extend": "用图片自身的小块把画面向外延伸；不需要训练", "generate": "用训练好的模型生成样本：图片、短片、音乐或文本，每件都带生成标识", "inpaint": "用图片其余部分的小块填补空洞；不需要训练",
		"inspect": "说明乐曲的调、拍、速度、长度、乐器与和弦，并画出钢琴卷帘", "interpolate": "在模型的样本之间渐变：影片、动画或图表", "mix": "混合模型的风格：一些种子的粗层配另一些种子的细层",
		"nearest": "检查是否抄袭训练数据：把最好的样本与最相近的训练图片并排", "quantise": "把乐曲的音符对齐到网格", "rearrange": "把图片的一部分移到别处，并填补原处；不需要训练",
		"render": "把乐曲演奏成录音：WAV 或 FLAC", "retarget": "改变图片的长宽比而不拉伸其中的东西；不需要训练", "summarize": "用文档自己最重要的句子做摘要：文本、Markdown、HTML、Word 或 EPUB",
		"tile": "把图片做成可无缝拼接的纹理；不需要训练", "train": "按配方或配置文件训练，或继续中断的训练", "transpose": "把乐曲升高、降低或移到另一个调", "variations": "画出与给定图片相近的图片：用它自己的小块，或用训练好的模型",
		"write":  "用文本模型写作：故事、文章、诗、JSON",
		"relief": "按亮度或高度图把图片做成浮雕：三维模型", "standee": "把带透明的图片做成有底座的立牌：三维模型", "panorama": "用图片自身的小块补成 360×180 度全景；不需要训练", "exhibit": "把图片或模型的样本挂进可以走动的展厅：三维模型或网页",
	}
}

// chineseNames are the names of apps and of their inputs in Chinese, by the English ones.
func chineseNames() map[string]string {
	return map[string]string{
		"Compare": "比较", "Convert": "转换格式", "Data add": "制作数据集", "Evaluate": "评测", "Extend": "延伸画面", "Generate": "生成", "Inpaint": "修补", "Inspect": "分析乐曲",
		"Interpolate": "渐变", "Mix": "混合风格", "Nearest": "查抄袭", "Quantise": "对齐网格", "Rearrange": "移动物体", "Render": "演奏", "Retarget": "改变比例", "Summarize": "摘要", "Tile": "无缝纹理",
		"Collage": "拼贴", "Cutout": "抠图", "Denoise": "降噪", "Enlarge": "放大", "Times": "倍数", "Describe": "描述图片", "In": "范围", "Language": "语言", "Search": "查找", "Draw": "按文字画图", "Text": "文字", "Stylize": "风格化", "Background": "背景", "Caption": "说明", "Captions": "说明方式", "Colours": "颜色", "Columns": "列数", "Crop": "裁切", "Drop": "排除框", "Edge": "边缘宽度", "Gap": "间距", "Keep": "保留框", "Layer": "图层", "Letters": "字号", "Like": "风格图片", "Marks": "标记", "Place": "位置", "Plan": "方案文件", "Side": "边长", "Trimap": "三分图",
		"Animate": "让图片动起来", "Visualize": "音乐影片", "Angle": "方向", "Speed": "速度", "Swirl": "旋涡", "Waves": "波数", "Calm": "平静时的步伐", "Beat": "起音的推力", "Quiet": "安静时的截断", "Music": "音乐", "Seconds": "秒数",
		"Continue": "续写", "Infill": "重写小节", "Bars": "小节", "Chords": "和弦", "Codec": "编解码器", "Instruments": "乐器", "Key": "调", "Metre": "拍号", "Read": "读法", "Style": "风格", "Tempo": "速度",
		"Transpose": "移调", "Variations": "变体", "Write": "写作",
		"Relief": "浮雕", "Standee": "立牌", "Panorama": "全景", "Exhibit": "展厅", "Base": "底板厚度", "Depth": "起伏高度", "Height": "高度图", "Invert": "暗处为高", "Smooth": "平滑", "Texture": "贴图边长", "High": "高度", "Thickness": "厚度", "Foot": "底座深度", "Detail": "轮廓误差", "View": "视角", "Horizon": "地平线", "Width": "宽度", "Face": "立方体面",
		"Allow private": "允许内网地址", "As": "形式", "As file": "配置文件", "Ban": "禁用词", "Batch": "批大小", "Bits": "位深", "Bottom": "下边", "Box": "方框", "By": "移动量", "Candidates": "候选数", "Clean": "清洗", "Clean file": "清洗配方文件",
		"Coarse": "粗层种子", "Conversation": "对话名", "Document": "文档", "Documents": "文档", "Dry run": "只说明，不训练", "Feather": "羽化", "Fine": "细层种子", "Finish": "收尾方式", "Form": "体裁", "Format": "格式", "Frames": "帧数", "From": "起始层",
		"Grid": "网格", "Grow": "扩大空洞", "K": "近邻数", "Left": "左边", "Length": "长度", "Limit": "例子上限", "Loop": "循环", "Loudness": "响度", "Mask": "蒙版", "Metric": "指标", "Min p": "Min-p", "Move": "移动", "N": "数量", "Name": "名称", "Numbers": "编号",
		"Outline": "大纲", "Overflow": "超长时", "Picture": "图片", "Piece": "乐曲", "Presence": "出现惩罚", "Prompt": "开头", "Recipe": "配方", "Repetition": "重复惩罚", "Require licence": "要求许可", "Rhymes": "韵表",
		"Right": "右边", "Save": "保存间隔", "Scale": "放大倍数", "Schema": "JSON 模式", "Seed": "种子", "Seeds": "种子", "Sentences": "句数", "Share": "比例", "Sheet": "网格图", "Soundfont": "音色库", "Steps": "步数", "Strength": "强度", "Swing": "摇摆", "System": "系统提示",
		"Temperature": "温度", "Title": "标题", "To": "目标调", "Top": "上边", "Top k": "Top-k", "Top p": "Top-p", "Truncation": "截断系数", "Variety": "多样性", "Verse": "诗体", "Words": "字数",
	}
}
