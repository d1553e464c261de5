/// The id of everything the screen says by itself.
package enum Message: String, CaseIterable, Sendable {
    case starting, idleHint, idleHintMany, joinHere, scanToJoin
    case nextMeeting, meetingNow, tomorrow, allDay, untitledMeeting, privateMeeting, joinWith
    case joiningTitle, hangUpToCancel, hangUpToLeave, hangUpToReturn
    case stepFinding, stepContacting, stepEntering, stepConnecting, checkPicture
    case passwordTitle, passwordMissing, passwordRefusedTitle, passwordRefused, passwordAction
    case hostTitle, hostSentence, lobbyTitle, lobbySentence
    case aloneTitle, aloneSentence, aloneWaiting
    case reconnectingTitle, reconnectingSentence, leaving
    case kickedTitle, kickedSentence, kickedBy, kickedAction
    case closedTitle, closedSentence, closedAction
    case movedTitle, movedSentence, quoted
    case updatingTitle, updatingSentence
    case checkingTitle, checkingSentence, networkTitle, networkSentence, serverTitle, serverSentence, ladderAction
    case addressSentence, addressAction, namesSentence, namesAction, serverAction
    case clockTitle, clockSentence, clockAction, retrying
    case rungCable, rungAddress, rungNames, rungTime, rungTLS, rungSignalling, rungBridge, rungMedia
    case rungNoCable, rungNoAddress, rungNameUnknown, rungClockWrong, rungNoAnswer, rungCertificate, rungWrongServer
    case rungProxyRefused, rungBlocked, rungWrongKey, rungEngineFailed
    case faultTitle, scanForHelp
    case faultServerNotFound, faultServerNotFoundAction, faultServerUnreachable, faultServerUnreachableAction
    case faultProxyAccount, faultProxyAccountAction, faultProxy, faultProxyAction
    case faultCertificate, faultCertificateAction, faultWrongServer, faultWrongServerAction
    case faultServerConfiguration, faultServerConfigurationAction, faultAccount
    case faultAccountAction, faultEntry, faultEntryAction, faultFull
    case faultSignIn, faultSignInAction, bridgeUnavailable, focusGone
    case faultFullAction, faultLobbyRefused, faultLobbyRefusedAction, faultBlocked, faultBlockedAction
    case faultWrongKey, faultWrongKeyAction, faultEngine, faultEngineAction
    case endedKicked, endedKickedAction, endedClosed, endedClosedAction
    case noticeView, noticeSilentMicrophone, noticeSelected, noticeRestartBox, noticeStuckButton, noticeWatched
    case noCamera, noMicrophone, noSpeaker
    case microphoneMuted, cameraOff, handRaised, mutedTalking, guest, you
    case buttonJoin, buttonHangUp, buttonMicrophone, buttonCamera, buttonHand, buttonLayout, buttonLouder, buttonSofter
    case holdFor
    case linkGood, linkFair, linkPoor, linkBad
    case sendingFair, sendingPoor, sendingBad, receivingFair, receivingPoor, receivingBad
    case recording, liveStream, transcription, encrypted, locked, audioOnly
    case recordingSoon, recordingRuns, recordingStarted, recordingStartedBy, recordingStopped, recordingFailed
    case liveStreamSoon, liveStreamRuns, liveStreamStopped, liveStreamFailed
    case transcriptionRuns, transcriptionStopped, encryptionBlocks
    case lockedNow, unlockedNow, lobbyOn, lobbyOff, enteredRoom
    /// Sound flows, but what the bridge is to be asked for does not reach it.
    case noticeChannelMissing
    case pictureHeldByLoad, pictureHeldByHeat, pictureHeldByLine, picturesSmaller, picturesStopped
    case viewAutomatic, viewSpeaker, viewTiles
    case speech, arrival, departure, sharedScreen, sharedScreenOf
    case peopleTitle, moderator, chatTitle, chatEmpty
    case informationTitle, informationDuration, informationServer, informationBridge, informationAddress
    case informationSent, informationReceived, informationSound, informationBandwidth, informationLoss
    case informationConcealed
    case informationRoundTrip, informationEncryption, informationMarks
}

/// The id of what is said of a number of things.
package enum Plural: String, CaseIterable, Sendable {
    case participants, others, unread, arrivals, departures, restart, volume
}
