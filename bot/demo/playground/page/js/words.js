// The page's own words. The bot's words come from the bot, in the language that is chosen here.

const WORDS = {
  "en-US": {
    title: "Playground", channels: "Channels", you: "You are", bot: "The bot", member: "member",
    moderator: "moderator", operator: "operator", language: "Language", say: "Type / for commands, or say something in #{channel}",
    only: "Only you can see this", dismiss: "Dismiss message", used: "used", thinking: "{bot} is thinking…",
    edited: "(edited)", today: "Today at {time}", yesterday: "Yesterday at {time}", app: "APP", send: "Send",
    menu: "Channels and people", commands: "Commands", options: "Options", required: "This option is required.",
    stray: "These words belong to no option: Discord drops them when you send. Choose an option first.",
    dropped: "Discord drops words that belong to no option: “{text}” was not sent. Choose an option first, or use a command whose first option is required.",
    number: "This must be a number.", whole: "This must be a whole number.", range: "This must be between {low} and {high}.",
    choice: "Choose one of the entries.", person: "Choose a person from the list.", failed: "This interaction failed",
    silent: "The application did not respond", refused: "That was not possible: {text}", offline: "The connection was lost. Trying again…",
    large: "{name} is too large: at most {size}.", pick: "Choose a file", drop: "or drop it here", nothing: "Nothing found",
    suggestions: "Loading options failed", loading: "Loading…", cancel: "Cancel", submit: "Submit", wrong: "Something went wrong. Try again.",
    optional: "optional", yes: "True", no: "False", noCommand: "There is no such command. Type / to see all of them.",
    choose: "Make a selection", done: "Done", remove: "Remove", empty: "Welcome to #{channel}!", start: "Type / to see what the bot can do.",
    open: "Open original", download: "Download", previous: "Previous", next: "Next", restricted: "age-restricted", spoiler: "SPOILER",
    apps: "Apps", attach: "Attach files",
    erase: "Delete message", missing: "unknown", newer: "New messages",
  },
  "zh-CN": {
    title: "体验页", channels: "频道", you: "当前身份", bot: "机器人", member: "成员",
    moderator: "版主", operator: "管理员", language: "语言", say: "输入 / 使用命令，或在 #{channel} 发消息",
    only: "只有你能看到", dismiss: "关闭消息", used: "使用了", thinking: "{bot} 正在思考…",
    edited: "（已编辑）", today: "今天 {time}", yesterday: "昨天 {time}", app: "应用", send: "发送",
    menu: "频道和成员", commands: "命令", options: "选项", required: "这个选项必须填写。",
    stray: "这些文字不属于任何选项，发送时 Discord 会丢掉它们。请先选一个选项。",
    dropped: "Discord 会丢掉不属于任何选项的文字：“{text}”没有发送。请先选一个选项，或使用第一个选项必填的命令。",
    number: "这里需要填数字。", whole: "这里需要填整数。", range: "必须在 {low} 和 {high} 之间。",
    choice: "请从列表中选择。", person: "请从列表中选择一位成员。", failed: "此交互失败",
    silent: "该应用未响应", refused: "无法这样做：{text}", offline: "连接已断开，正在重试…",
    large: "{name} 太大：最多 {size}。", pick: "选择文件", drop: "或拖到这里", nothing: "没有结果",
    suggestions: "加载选项失败", loading: "加载中…", cancel: "取消", submit: "提交", wrong: "出错了，请再试一次。",
    optional: "可选", yes: "是", no: "否", noCommand: "没有这个命令。输入 / 查看全部命令。",
    choose: "请选择", done: "完成", remove: "移除", empty: "欢迎来到 #{channel}！", start: "输入 / 看看机器人能做什么。",
    open: "打开原图", download: "下载", previous: "上一张", next: "下一张", restricted: "年龄限制", spoiler: "剧透",
    apps: "应用", attach: "添加文件",
    erase: "删除消息", missing: "未知", newer: "有新消息",
  },
  "zh-TW": {
    title: "體驗頁", channels: "頻道", you: "當前身份", bot: "機器人", member: "成員",
    moderator: "版主", operator: "管理員", language: "語言", say: "輸入 / 使用指令，或在 #{channel} 發訊息",
    only: "只有你能看到", dismiss: "關閉訊息", used: "使用了", thinking: "{bot} 正在思考…",
    edited: "（已編輯）", today: "今天 {time}", yesterday: "昨天 {time}", app: "應用程式", send: "傳送",
    menu: "頻道和成員", commands: "指令", options: "選項", required: "這個選項必須填寫。",
    stray: "這些文字不屬於任何選項，傳送時 Discord 會丟掉它們。請先選一個選項。",
    dropped: "Discord 會丟掉不屬於任何選項的文字：「{text}」沒有傳送。請先選一個選項，或使用第一個選項必填的指令。",
    number: "這裡需要填數字。", whole: "這裡需要填整數。", range: "必須在 {low} 和 {high} 之間。",
    choice: "請從列表中選擇。", person: "請從列表中選擇一位成員。", failed: "此互動失敗",
    silent: "該應用程式沒有回應", refused: "無法這樣做：{text}", offline: "連線已斷開，正在重試…",
    large: "{name} 太大：最多 {size}。", pick: "選擇檔案", drop: "或拖到這裡", nothing: "沒有結果",
    suggestions: "載入選項失敗", loading: "載入中…", cancel: "取消", submit: "提交", wrong: "出錯了，請再試一次。",
    optional: "可選", yes: "是", no: "否", noCommand: "沒有這個指令。輸入 / 檢視全部指令。",
    choose: "請選擇", done: "完成", remove: "移除", empty: "歡迎來到 #{channel}！", start: "輸入 / 看看機器人能做什麼。",
    open: "開啟原圖", download: "下載", previous: "上一張", next: "下一張", restricted: "年齡限制", spoiler: "劇透",
    apps: "應用程式", attach: "新增檔案",
    erase: "刪除訊息", missing: "未知", newer: "有新訊息",
  },
};

export const LANGUAGES = { "en-US": "English", "zh-CN": "简体中文", "zh-TW": "繁體中文" };

let locale = "en-US";

/** Returns the language for a browser's one: the script counts, whatever the country is called. */
export function nearest(tag) {
  if (!/^zh\b/i.test(tag)) return "en-US";
  return /-(hant|tw|hk|mo)\b/i.test(tag) ? "zh-TW" : "zh-CN";
}

export function speak(next) {
  locale = next in WORDS ? next : "en-US";
  document.documentElement.lang = locale;
}

export function language() {
  return locale;
}

export function t(key, values = {}) {
  const sentence = WORDS[locale][key] ?? WORDS["en-US"][key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function when(milliseconds) {
  const date = new Date(milliseconds);
  const time = date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(milliseconds).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return t("today", { time });
  return days === 1 ? t("yesterday", { time }) : `${date.toLocaleDateString(locale)} ${time}`;
}

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};

export function stamp(seconds, style) {
  return new Intl.DateTimeFormat(locale, STYLES[style] ?? STYLES.f).format(new Date(seconds * 1000));
}

export function relative(seconds) {
  const distance = seconds - Date.now() / 1000;
  const steps = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];
  let value = distance;
  for (const [unit, count] of steps) {
    if (Math.abs(value) < count) return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.round(value), unit);
    value /= count;
  }
  return "";
}
