//! The sentences that the asker reads when a question cannot be answered.

use crate::fault::Notice;

#[expect(clippy::too_many_lines, reason = "a sentence for each notice")]
pub(super) const fn english(notice: Notice) -> &'static str {
    match notice {
        Notice::TryAgain => {
            "Sorry, something went wrong and I could not answer. Please ask me again. (´・ω・`)"
        }
        Notice::Busy => {
            "Sorry, there is a crowd right now and I could not answer. Please try again in a few \
             minutes."
        }
        Notice::Quota => {
            "Sorry, today's allowance for answers is used up. It comes back at 00:00 UTC."
        }
        Notice::NotHere => {
            "Sorry, I do not answer questions here, but in servers where I am installed and allowed. \
             Whoever runs me decides where that is."
        }
        Notice::Crowded => {
            "Sorry, you have asked a lot just now. Please wait until your other questions are \
             answered, and ask again."
        }
        Notice::ServerCrowded => {
            "Sorry, this server has asked a lot just now. Please ask again in a minute."
        }
        Notice::AskerBudget => {
            "Sorry, your budget for today is used up. It is new again at 00:00 UTC."
        }
        Notice::ServerBudget => {
            "Sorry, this server's budget for today is used up. It is new again at 00:00 UTC."
        }
        Notice::DayBudget => {
            "Sorry, everybody's budget for today is used up. It is new again at 00:00 UTC."
        }
        Notice::BudgetHeld => {
            "Sorry, other questions are being answered right now, and what is left of the budget is \
             set aside for them. Please ask again in a moment."
        }
        Notice::Late => "Sorry, I could not finish the answer in time. Please ask me again later.",
        Notice::Refused => {
            "Sorry, the model's rules do not allow an answer to this. Please ask something else, or in \
             other words."
        }
        Notice::TooLong => {
            "Sorry, that is too long for me to read at once. Please ask in fewer words."
        }
        Notice::Misconfigured => {
            "Sorry, I am not set up correctly, so I cannot answer. Please tell whoever runs me."
        }
        Notice::Blocked => "Sorry, my answer was not accepted here. A moderator may know why.",
        Notice::Cancelled => "Stopped, as you wished: I do not answer this question.",
        Notice::NotInChannel => {
            "Sorry, who manages this server has me answer in other channels, so please ask there."
        }
        Notice::NotThisModel => {
            "Sorry, who manages this server does not let me ask that model here. Please choose another \
             one, or none."
        }
        Notice::DayLimit => {
            "Sorry, you have asked as often today as who manages this server allows. You may ask again \
             from 00:00 UTC on."
        }
        Notice::NoDrawing => {
            "Sorry, I draw nothing here: whoever runs me, or manages this server, has switched it off."
        }
    }
}

pub(super) const fn japanese(notice: Notice) -> &'static str {
    match notice {
        Notice::TryAgain => {
            "ごめんなさい、問題が起きて答えられませんでした。もう一度聞いてください (´・ω・`)"
        }
        Notice::Busy => {
            "ごめんなさい、いま混み合っていて答えられませんでした。数分後にもう一度お試しください。"
        }
        Notice::Quota => {
            "ごめんなさい、今日の回答枠を使い切りました。日本時間の午前9時に戻ります。"
        }
        Notice::NotHere => {
            "ごめんなさい、ここでは質問に答えていません。私が導入され、許可されているサーバーで聞いてください。場所を決めるのは運営者です。"
        }
        Notice::Crowded => {
            "ごめんなさい、質問が続いています。ほかの質問の回答を待ってから、もう一度聞いてください。"
        }
        Notice::ServerCrowded => {
            "ごめんなさい、このサーバーからの質問が続いています。1分ほど待ってから聞いてください。"
        }
        Notice::AskerBudget => {
            "ごめんなさい、あなたの今日の予算を使い切りました。日本時間の午前9時に新しくなります。"
        }
        Notice::ServerBudget => {
            "ごめんなさい、このサーバーの今日の予算を使い切りました。日本時間の午前9時に新しくなります。"
        }
        Notice::DayBudget => {
            "ごめんなさい、みんなの今日の予算を使い切りました。日本時間の午前9時に新しくなります。"
        }
        Notice::BudgetHeld => {
            "ごめんなさい、いまほかの質問に答えていて、残りの予算を取り置いています。少し待ってからもう一度聞いてください。"
        }
        Notice::Late => {
            "ごめんなさい、時間内に答えられませんでした。しばらくしてからもう一度聞いてください。"
        }
        Notice::Refused => {
            "ごめんなさい、モデルの規約により、この質問には答えられません。別の質問や言い方でお試しください。"
        }
        Notice::TooLong => {
            "ごめんなさい、長すぎて一度に読めませんでした。もう少し短く聞いてください。"
        }
        Notice::Misconfigured => {
            "ごめんなさい、設定に問題があって答えられません。管理者に知らせてください。"
        }
        Notice::Blocked => {
            "ごめんなさい、ここへの投稿が受け付けられませんでした。管理者に確認してください。"
        }
        Notice::Cancelled => "停止しました。この質問には答えません。",
        Notice::NotInChannel => {
            "ごめんなさい、このサーバーの管理者の設定により、ここでは答えられません。ほかのチャンネルで聞いてください。"
        }
        Notice::NotThisModel => {
            "ごめんなさい、このサーバーの管理者の設定により、そのモデルは使えません。ほかのモデルを選ぶか、選ばずに聞いてください。"
        }
        Notice::DayLimit => {
            "ごめんなさい、このサーバーの管理者が決めた今日の質問の回数に達しました。日本時間の午前9時からまた聞けます。"
        }
        Notice::NoDrawing => {
            "ごめんなさい、運営者かこのサーバーの管理者の設定により、ここでは絵を描けません。"
        }
    }
}
