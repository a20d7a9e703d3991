// The words of the interface that an answer needs, and their English and Japanese.

/** Functions take what stands inside of the sentence. */
export interface MarkdownWords {
  copy: string;
  copied: string;
  copyFailed: string;
  wrapLines: string;
  code: (language: string) => string;
  table: (columns: string) => string;
  taskDone: string;
  taskOpen: string;
  linkTo: (place: string) => string;
  image: (description: string, place: string) => string;
  spoiler: string;
  footnotes: string;
  footnote: (number: string) => string;
  backToText: (number: string) => string;
}

export const ENGLISH: MarkdownWords = {
  copy: "Copy",
  copied: "Copied",
  copyFailed: "Could not copy",
  wrapLines: "Wrap lines",
  code: (language) => (language === "" ? "Code" : `Code: ${language}`),
  table: (columns) => `Table: ${columns}`,
  taskDone: "Done",
  taskOpen: "Not done",
  linkTo: (place) => `Opens ${place}`,
  image: (description, place) =>
    description === "" ? `Image (${place})` : `Image: ${description} (${place})`,
  spoiler: "Show spoiler",
  footnotes: "Notes",
  footnote: (number) => `Note ${number}`,
  backToText: (number) => `Back to note ${number} in the text`,
};

export const JAPANESE: MarkdownWords = {
  copy: "コピー",
  copied: "コピーしました",
  copyFailed: "コピーできませんでした",
  wrapLines: "行を折り返す",
  code: (language) => (language === "" ? "コード" : `コード：${language}`),
  table: (columns) => `表：${columns}`,
  taskDone: "完了",
  taskOpen: "未完了",
  linkTo: (place) => `${place} を開きます`,
  image: (description, place) =>
    description === "" ? `画像（${place}）` : `画像：${description}（${place}）`,
  spoiler: "ネタバレを表示",
  footnotes: "注",
  footnote: (number) => `注 ${number}`,
  backToText: (number) => `本文の注 ${number} に戻る`,
};
